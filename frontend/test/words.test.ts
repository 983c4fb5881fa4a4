import { describe, expect, test } from "vitest";
import type { Draft } from "../src/schedule";
import { draftOf } from "../src/schedule";
import { ALWAYS, limited, localize, method, words } from "./support";
import { Words } from "../src/words";

const BERLIN = "Europe/Berlin";
const NOW = Date.parse("2026-11-28T09:00:00Z");

const plain = (text: string): string =>
  text.replace(/[\u2066\u2068\u2069]/g, "").replace(/\u202f/g, " ");
const inWords = (draft: Draft, spoken = words()): string =>
  plain(spoken.schedule(draft, BERLIN, NOW));

describe("schedules in words", () => {
  test("days are joined to runs", () => {
    expect(inWords(draftOf(limited()))).toBe(
      "Mon–Fri 09:00–12:00, Sat 10:00–11:00 · until Sep 24, 2027",
    );
    expect(inWords(draftOf(ALWAYS))).toBe("Always");
  });

  test("a run goes over the end of the week where the week begins on Sunday", () => {
    const spoken = words({ first_weekday: "sunday" });
    expect(spoken.days([5, 6, 0])).toBe("Sun, Mon, Sat");
    expect(words({ first_weekday: "monday" }).days([5, 6, 0])).toBe("Mon, Sat, Sun");
    expect(words({ first_weekday: "saturday" }).days([5, 6, 0])).toBe("Sat–Mon");
  });

  test("full days, every day, a start to come, and an empty one", () => {
    const draft: Draft = {
      permanent: false,
      from: "2026-12-05T00:00",
      until: null,
      rows: [{ days: [0, 1, 2, 3, 4, 5, 6], start: 0, end: 1440 }],
    };
    expect(inWords(draft)).toBe("Every day all day · from Dec 5, 2026");
    expect(inWords({ ...draft, from: null, rows: [] })).toBe("Limited");
  });
});

describe("times", () => {
  test("24:00 ends a day where hours count to 24, and 12 AM elsewhere", () => {
    expect(words().time(1440)).toBe("24:00");
    expect(plain(words({ time_format: "12" }).time(1440))).toBe("12:00 AM");
    expect(plain(words({ time_format: "language" }).time(780))).toBe("1:00 PM");
    expect(words({ language: "de", time_format: "language" }).time(780)).toBe("13:00");
  });

  test("moments are as short as they can be", () => {
    const spoken = words();
    expect(spoken.moment(NOW + 3_600_000, BERLIN, NOW)).toBe("11:00");
    expect(spoken.moment(NOW + 2 * 86_400_000, BERLIN, NOW)).toBe("Mon 10:00");
    expect(spoken.moment(NOW + 30 * 86_400_000, BERLIN, NOW)).toBe("Dec 28, 2026");
    expect(spoken.dateTime(NOW, "+08:00")).toBe("Nov 28, 2026, 17:00");
  });

  test("ages", () => {
    const spoken = words();
    expect(spoken.age(NOW - 5_000, NOW)).toBe("now");
    expect(spoken.age(NOW - 200_000, NOW)).toBe("3 min. ago");
    expect(spoken.age(NOW + 7_300_000, NOW)).toBe("in 2 hr.");
    expect(spoken.age(NOW - 90_000_000, NOW)).toBe("yesterday");
  });
});

describe("counts and names", () => {
  test("each number has its form", () => {
    expect(words().count("locks.users", 1)).toBe("1 user");
    expect(words().count("locks.users", 1200)).toBe("1,200 users");
  });

  test("a form that a translation lacks is the other one", () => {
    const lacking = new Words(
      (key, placeholders) => (key.endsWith(".one") ? "" : localize(key, placeholders)),
      { language: "en" },
    );
    expect(lacking.count("locks.users", 1)).toBe("1 users");
  });

  test("methods", () => {
    const spoken = words();
    expect(spoken.method(method("card", 3))).toBe("Card 3");
    expect(spoken.method(method("novelty", 3))).toBe("Unlock method 3");
    expect(
      spoken.methodCounts([method("card", 1), method("fingerprint", 1), method("card", 2)]),
    ).toEqual(["1 fingerprint", "2 cards"]);
    expect(spoken.methodCounts([method("novelty", 1)])).toEqual(["1 other method"]);
    expect(spoken.user({ name: null, user_id: "12" })).toBe("User 12");
  });
});
