import { describe, expect, test } from "vitest";
import {
  blocksOf,
  check,
  draftOf,
  isOpen,
  isSame,
  isValid,
  moved,
  nextChange,
  resized,
  rowsOf,
  rowsOfWindows,
  scheduleFields,
  windowsOf,
  type Block,
  type Draft,
} from "../src/schedule";
import { isoOf } from "../src/zones";
import { ALWAYS, limited } from "./support";

const BERLIN = "Europe/Berlin";
const at = (iso: string): number => Date.parse(iso);
const draft = (more: Partial<Draft> = {}): Draft => ({
  permanent: false,
  from: null,
  until: null,
  rows: [],
  ...more,
});

describe("blocks and rows", () => {
  test("equal hours of several days are one row, touching blocks merge", () => {
    const blocks: Block[] = [
      { day: 1, start: 540, end: 600 },
      { day: 0, start: 540, end: 570 },
      { day: 0, start: 570, end: 600 },
      { day: 4, start: 0, end: 1440 },
    ];
    expect(rowsOf(blocks)).toEqual([
      { days: [0, 1], start: 540, end: 600 },
      { days: [4], start: 0, end: 1440 },
    ]);
  });

  test("any week survives the way to rows and back", () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 16807) % 2147483647) % below;
    for (let round = 0; round < 300; round++) {
      const blocks = Array.from({ length: random(12) }, () => {
        const start = random(95) * 15;
        return { day: random(7), start, end: Math.min(start + 15 + random(20) * 15, 1440) };
      });
      const rows = rowsOf(blocks);
      expect(blocksOf(rows)).toEqual(blocksOf(rowsOfWindows(windowsOf(rows)).map(endOfDay)));
      expect(rowsOf(blocksOf(rows))).toEqual(rows);
    }
  });

  // What is sent says midnight as 00:00, what comes back says 24:00.
  const endOfDay = <T extends { start: number; end: number }>(row: T): T => ({
    ...row,
    end: row.end || 1440,
  });

  test("blocks stay within the week", () => {
    expect(moved({ day: 6, start: 1380, end: 1440 }, 1, 30)).toEqual({
      day: 6,
      start: 1380,
      end: 1440,
    });
    expect(moved({ day: 1, start: 15, end: 75 }, -1, -15)).toEqual({ day: 0, start: 0, end: 60 });
    expect(resized({ day: 0, start: 60, end: 75 }, -15).end).toBe(75);
    expect(resized({ day: 0, start: 60, end: 1435 }, 15).end).toBe(1440);
  });
});

describe("drafts", () => {
  test("a schedule becomes a draft in the wall clock of the lock", () => {
    expect(draftOf(limited())).toMatchObject({
      permanent: false,
      from: "2026-10-01T00:00",
      until: "2027-09-24T23:59",
    });
    expect(draftOf(limited({ end: "2037-12-31T23:59:59+01:00" })).until).toBeNull();
    expect(draftOf(limited({ windows: null })).rows).toEqual([]);
    expect(draftOf(null).permanent).toBe(true);
    expect(draftOf(ALWAYS).permanent).toBe(true);
  });

  test("what means the same is the same", () => {
    const one = draft({ rows: [{ days: [1, 0], start: 0, end: 60 }] });
    const other = draft({
      rows: [
        { days: [0], start: 0, end: 60 },
        { days: [1], start: 0, end: 60 },
      ],
    });
    expect(isSame(one, other)).toBe(true);
    expect(isSame(one, { ...other, until: "2027-01-01T00:00" })).toBe(false);
    expect(isSame(one, { ...one, permanent: true })).toBe(false);
    expect(isSame(one, { ...one, rows: [...one.rows, { days: [], start: 0, end: 1 }] })).toBe(
      false,
    );
  });

  test("what is wrong is named by the exceptions of the integration", () => {
    const wrong = draft({
      from: "2027-01-02T00:00",
      until: "2027-01-01T00:00",
      rows: [
        { days: [], start: 0, end: 60 },
        { days: [1], start: 60, end: 60 },
        { days: [1], start: 0, end: 1440 },
      ],
    });
    expect(check(wrong)).toEqual({
      range: "end_before_start",
      rows: ["window_without_day", "window_ends_before_start", null],
    });
    expect(isValid(wrong)).toBe(false);
    expect(isValid({ ...wrong, permanent: true })).toBe(true);
  });

  test("times are sent with the offset of the lock", () => {
    const fields = scheduleFields(
      draft({
        from: "2027-01-02T00:00",
        until: "2027-07-01T18:00",
        rows: [{ days: [6, 0], start: 1320, end: 1440 }],
      }),
      (wall) => isoOf(wall, BERLIN),
    );
    expect(fields).toEqual({
      start: "2027-01-02T00:00:00+01:00",
      end: "2027-07-01T18:00:00+02:00",
      windows: [{ days: ["monday", "sunday"], start_time: "22:00", end_time: "00:00" }],
    });
    expect(scheduleFields(draft({ permanent: true }), String)).toEqual({ permanent: true });
    expect(scheduleFields(draft(), String)).toEqual({});
  });
});

describe("the next change", () => {
  // Saturday, 28 November 2026, 10:00 in Berlin.
  const now = at("2026-11-28T09:00:00Z");

  test.each<[string, Draft, string | null, boolean]>([
    ["never", draft({ permanent: true }), null, true],
    ["at the end", draft({ until: "2026-12-24T18:00" }), "2026-12-24T17:00:00Z", true],
    ["at the start", draft({ from: "2026-12-24T18:00" }), "2026-12-24T17:00:00Z", false],
    [
      "when hours begin",
      draft({ rows: [{ days: [0], start: 540, end: 720 }] }),
      "2026-11-30T08:00:00Z",
      false,
    ],
    [
      "when hours end",
      draft({ rows: [{ days: [5], start: 540, end: 720 }] }),
      "2026-11-28T11:00:00Z",
      true,
    ],
    [
      "not at a midnight that hours go on over",
      draft({
        rows: [
          { days: [5], start: 540, end: 1440 },
          { days: [6], start: 0, end: 60 },
        ],
      }),
      "2026-11-29T00:00:00Z",
      true,
    ],
    [
      "in the first hours after a start far away",
      draft({ from: "2027-03-01T12:00", rows: [{ days: [0], start: 540, end: 600 }] }),
      "2027-03-08T08:00:00Z",
      false,
    ],
    [
      "never, where the end comes before the hours",
      draft({ until: "2026-11-29T00:00", rows: [{ days: [2], start: 0, end: 60 }] }),
      null,
      false,
    ],
  ])("%s", (_, given, expected, open) => {
    expect(isOpen(given, now, BERLIN)).toBe(open);
    const change = nextChange(given, now, BERLIN);
    expect(change && new Date(change.at).toISOString().replace(".000", "")).toBe(expected);
    if (change) {
      expect(change.opens).toBe(!open);
    }
  });
});
