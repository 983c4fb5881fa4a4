import axe from "axe-core";
import { beforeEach, describe, expect, test } from "vitest";
import { page as browser } from "vitest/browser";
import { spanOf } from "../src/elements/password-dialog";
import type { LockRecord, Password } from "../src/types";
import { open, type Page } from "./mount";
import { FakeHass, feed, household, lock, method, textOf, until, words } from "./support";

const violations = async (): Promise<string[]> =>
  (
    await axe.run(document.body, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })
  ).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);

const text = (page: Page): string => textOf(page.panel.shadowRoot!);
const sure = async (page: Page): Promise<void> => {
  page.all("tlu-confirm").at(-1)!.shadowRoot!.querySelector<HTMLElement>(".sure")!.click();
  await page.settle();
};

beforeEach(() => browser.viewport(1000, 800));

describe("what belongs to no one", () => {
  test("is assigned with three clicks", async () => {
    const page = await open();
    await page.press("Assign");
    expect(page.path).toBe("/lock1/unassigned");
    expect(await violations()).toEqual([]);
    await page.press("Assign to: Blue card");
    page
      .all(".pick")
      .find((each) => textOf(each).endsWith("Clara Clean"))!
      .click();
    await page.settle();
    expect(page.fake.calls("allocate_unlock_methods")).toEqual([
      { device_id: "device1", user: "3", unlock_methods: [{ type: "card", number: 9 }] },
    ]);
    expect(page.toasts).toEqual(["Blue card now belongs to Clara Clean."]);
    await page.press("Check again");
    expect(page.fake.calls("get_unlock_methods")[0]).toMatchObject({ unassigned: true });
    await page.send({ unassigned: [] });
    expect(text(page)).toContain("Every unlock method belongs to a user");
    await page.send({ unassigned: null });
    expect(text(page)).toContain("were not read yet");
    await page.press("Back");
    expect(page.path).toBe("/lock1");
  });

  test("users are searched where there are many", async () => {
    const content = household();
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, id) => [
        `u${id}`,
        { ...content.users!["3"]!, user_id: `u${id}`, name: `Person ${id}` },
      ]),
    );
    const page = await open({
      path: "/lock1/unassigned",
      content: { ...content, users: many, order: Object.keys(many) },
    });
    await page.press("Assign to: Blue card");
    const input = page.all<HTMLInputElement>("input[type=search]").at(-1)!;
    input.value = "7";
    input.dispatchEvent(new Event("input"));
    await page.settle();
    expect(page.all(".pick").map(textOf)).toEqual(["P7 Person 7"]);
  });
});

describe("who left the home", () => {
  test("is looked at first, then deleted", async () => {
    const page = await open();
    await page.press("Review");
    expect(await violations()).toEqual([]);
    const boxes = (): HTMLInputElement[] => page.all<HTMLInputElement>("input[type=checkbox]");
    boxes()[0]!.click();
    await page.settle();
    boxes()[2]!.click();
    await page.settle();
    page.fake.answers.purge_users = { results: [{ user_id: "90", status: "would_purge" }] };
    await page.press("Check what would happen");
    expect(page.fake.calls("purge_users")).toEqual([
      { device_id: "device1", users: ["90"], dry_run: true },
    ]);
    expect(text(page)).toContain("Will be deleted");
    await page.press("Delete from the lock");
    expect(text(page)).toContain("Delete 1 absent user?");
    page.fake.answers.purge_users = { results: [{ user_id: "90", status: "purged" }] };
    await sure(page);
    expect(page.fake.calls("purge_users")[1]).toEqual({ device_id: "device1", users: ["90"] });
    await page.send({ absent: [] });
    expect(text(page)).toContain("User 90");
    expect(text(page)).toContain("Deleted");
    await page.send({ absent: null });
    expect(text(page)).toContain("Absent users were not read yet");
  });
});

const password = (password_id: string, more: Partial<Password> = {}): Password => ({
  password_id,
  name: `Guest ${password_id}`,
  number: 900,
  status: "active",
  start: "2026-12-01T00:00:00+01:00",
  end: "2026-12-08T00:00:00+01:00",
  windows: [],
  one_time: false,
  delivery_status: "success",
  ...more,
});

describe("passwords", () => {
  const fakeWith = (...passwords: Password[]): FakeHass => {
    const fake = new FakeHass();
    fake.answers.get_passwords = { passwords };
    return fake;
  };

  test("are read when opened, frozen, and deleted", async () => {
    const page = await open({
      fake: fakeWith(
        password("1", {
          windows: [{ days: ["monday"], start_time: "09:00", end_time: "10:00" }],
          one_time: true,
        }),
        password("2", { status: "frozen" }),
        password("3", { status: "deleted" }),
        password("4", { name: null, status: "pending" }),
      ),
    });
    expect(page.fake.calls("get_passwords")).toEqual([]);
    await page.press("Passwords");
    await until(() => text(page).includes("Guest 1"));
    expect(await violations()).toEqual([]);
    expect(text(page)).toContain("Mon 09:00–10:00");
    expect(text(page)).toContain("Works only once");
    expect(text(page)).toContain("Password 900");
    expect(text(page)).not.toContain("Guest 3");
    page.fake.answers.update_password = { password: password("1", { status: "frozen" }) };
    await page.press("Freeze: Guest 1");
    expect(page.fake.calls("update_password")).toEqual([
      { device_id: "device1", password_id: "1", frozen: true },
    ]);
    page.fake.answers.update_password = { password: password("2") };
    await page.press("Unfreeze: Guest 2");
    expect(page.toasts.at(-1)).toBe("Guest 2 works again.");
    page.fake.answers.delete_password = { status: "deleting" };
    await page.press("Delete: Guest 2");
    await sure(page);
    expect(text(page)).toContain("Is being deleted");
  });

  test("are made for the weekend, shown once, and not kept", async () => {
    const page = await open({ fake: fakeWith(), path: "/lock1/passwords" });
    await until(() => text(page).includes("No temporary passwords"));
    await page.press("Add password");
    await until(() => page.all("tlu-field")[0]!.matches(":focus-within"), "the name");
    expect(await violations()).toEqual([]);
    await page.press("This weekend");
    await page.fill("Name", "Weekend guests");
    await page.press("Only at certain hours");
    await page.press("Works only once");
    page.fake.answers.add_password = { password_id: "9", password: "7042915", status: "pending" };
    await page.press("Create");
    const [call] = page.fake.calls("add_password");
    expect(call).toMatchObject({ name: "Weekend guests", one_time: true });
    expect(String(call!.end)).toMatch(/T23:59:00\+0[12]:00$/);
    expect(text(page)).toContain("7042915");
    expect(text(page)).toContain("has not confirmed this code yet");
    await page.press("Copy");
    // It is not shown again, so a press beside it does not close it.
    page.all("dialog").at(-1)!.dispatchEvent(new PointerEvent("pointerdown"));
    await page.settle();
    expect(text(page)).toContain("7042915");
    await page.press("Close");
    expect(text(page)).not.toContain("7042915");
    expect(page.fake.calls("get_passwords")).toHaveLength(2);
  });

  test("for now, and offline ones", async () => {
    const page = await open({ fake: fakeWith(), path: "/lock1/passwords" });
    page.fake.answers.get_dynamic_password = {
      password: "48213907",
      valid_until: "2026-12-01T10:05:00+01:00",
    };
    await page.press("Code for now");
    expect(text(page)).toContain("opens Front door at once");
    await page.press("Cancel");
    expect(page.fake.calls("get_dynamic_password")).toEqual([]);
    await page.press("Code for now");
    await sure(page);
    expect(text(page)).toContain("Opens Front door until 10:05");
    await page.press("Close");
    page.fake.answers.add_offline_password = { password: "3947102856" };
    await page.press("Offline code");
    await page.fill("Name", "Neighbor");
    await page.press("Cancels one code");
    await page.fill("Code to cancel", "12");
    await page.press("Create");
    expect(page.fake.calls("add_offline_password")).toEqual([
      { device_id: "device1", name: "Neighbor", kind: "clear_one", password_id: "12" },
    ]);
    expect(text(page)).toContain("3947102856");
    await page.press("Close");
    await page.press("Offline code");
    await page.press("Several times");
    await page.fill("Start", "2026-12-01");
    await page.fill("End", "2026-12-02");
    await page.fill("Name", "Neighbor");
    await page.press("Create");
    expect(page.fake.calls("add_offline_password")[1]).toHaveProperty("end");
  });

  test("that are refused say why, and are read again", async () => {
    const fake = fakeWith();
    fake.answers.get_passwords = { code: "home_assistant_error", message: "no service" };
    const page = await open({ fake, path: "/lock1/passwords" });
    await until(() => text(page).includes("This did not work: no service"));
    fake.answers.get_passwords = { passwords: [password("1")] };
    await page.press("Try again");
    expect(text(page)).toContain("Guest 1");
  });

  test.each([
    ["this_weekend", "2026-11-25T10:00:00", "2026-11-28T00:00", "2026-11-29T23:59"],
    ["this_weekend", "2026-11-29T10:00:00", "2026-11-29T10:00", "2026-11-29T23:59"],
    ["this_weekend", "2026-11-29T10:00:00", "2026-12-04T00:00", "2026-12-05T23:59", "he"],
    ["this_weekend", "2026-11-28T10:00:00", "2026-11-28T10:00", "2026-11-28T23:59", "he"],
    ["today", "2026-11-25T10:00:00", "2026-11-25T10:00", "2026-11-25T23:59"],
    ["week", "2026-11-25T10:00:00", "2026-11-25T10:00", "2026-12-02T10:00"],
  ] as const)("%s from %s", (span, now, start, end, language?: string) => {
    expect(spanOf(span, now, words({ language: language ?? "en" }).weekend)).toEqual([start, end]);
  });
});

describe("history", () => {
  const record = (ago: number, more: Partial<LockRecord> = {}): LockRecord => ({
    time: new Date(Date.now() - ago * 3_600_000).toISOString(),
    kind: "opened",
    type: "fingerprint",
    number: 4,
    name: "Clara's thumb",
    user_id: "3",
    user_name: "Clara Clean",
    code: null,
    ...more,
  });

  test("says who came, filtered and page by page", async () => {
    const fake = new FakeHass();
    const nobody = { user_id: null, user_name: null, name: null, number: null };
    fake.answers.get_records = {
      records: [
        record(0),
        record(25, { type: "app", ...nobody }),
        record(26, { kind: "alarm", type: "duress" }),
        record(27, { kind: "doorbell", type: "ring", ...nobody }),
        record(28, { type: "card", number: 9, name: null, user_id: null, user_name: null }),
        ...["voice", "inside", "temporary_password", "novelty"].map((type, at) =>
          record(80 + at, { type, ...nobody }),
        ),
        ...Array.from({ length: 41 }, (_, at) => record(100 + at, { number: at })),
      ],
    };
    const page = await open({ fake });
    await page.press("History");
    await until(() => text(page).includes("Opened by Clara Clean"));
    expect(await violations()).toEqual([]);
    for (const part of ["Today", "Yesterday", "Opened under duress", "Doorbell", "Other"]) {
      expect(text(page)).toContain(part);
    }
    await page.press("Alarms");
    expect(page.all("li")).toHaveLength(1);
    await page.press("Openings");
    const [select] = page.all<HTMLSelectElement>("select");
    select!.value = "1";
    select!.dispatchEvent(new Event("change"));
    await page.settle();
    expect(text(page)).toContain("Today No records. Yesterday No records. Records since");
    select!.value = "";
    select!.dispatchEvent(new Event("change"));
    await page.press("Everything");
    fake.answers.get_records = { records: [record(200)] };
    await page.press("Show more");
    expect(fake.calls("get_records")[1]).toHaveProperty("end");
    fake.answers.get_records = { records: [] };
    await page.press("Show more");
    expect(page.find("Show more")).toBeUndefined();
    expect(text(page)).toContain("There are no older records");
    // A week without records is not the end: a longer time is read, once.
    const [week, quarter] = fake.calls("get_records").slice(2);
    expect(week!.end).toBe(quarter!.end);
    expect(String(week!.start) > String(quarter!.start)).toBe(true);
    await page.press("Assign to a user");
    expect(page.path).toBe("/lock1/unassigned");
  });

  test("of yesterday is not said to be empty before it was read", async () => {
    const fake = new FakeHass();
    const many = Array.from({ length: 200 }, (_, at) => record(0, { number: at }));
    fake.answers.get_records = { records: many };
    const page = await open({ fake, path: "/lock1/history" });
    await until(() => text(page).includes("Today"));
    expect(text(page)).not.toContain("Yesterday");
    fake.answers.get_records = { records: [] };
    await page.press("Show more");
    expect(text(page)).toContain("Yesterday No one opened the door. There are no older records");
  });

  test("stays open for another lock, and names the zone of its times", async () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const fake = new FakeHass();
    fake.hass.config = { time_zone: zone };
    const page = await open({
      fake,
      path: "/lock1/history",
      overview: feed(
        lock({ time_zone: zone }),
        lock({ lock_id: "lock2", name: "Garden gate", time_zone: "Asia/Shanghai" }),
      ),
    });
    expect(text(page)).not.toContain("Times of the lock");
    await page.press("Garden gate");
    expect(page.path).toBe("/lock2/history");
    expect(text(page)).toContain("Times of the lock (Asia/Shanghai)");
    expect(fake.calls("get_records")).toHaveLength(2);
    await page.press("Users");
    await page.press("Front door");
    expect(page.path).toBe("/lock1");
  });

  test("a refusal can be tried again, and the lock changed meanwhile", async () => {
    const fake = new FakeHass();
    fake.answers.get_records = { code: "home_assistant_error", message: "quota" };
    const page = await open({ fake, path: "/lock1/history" });
    await until(() => text(page).includes("quota"));
    fake.answers.get_records = { records: [] };
    await page.press("Try again");
    expect(text(page)).toContain("Yesterday No one opened the door. Records since");
    await page.press("Read again");
    expect(fake.calls("get_records")).toHaveLength(3);
  });

  test.each([
    ["history", "get_records", { records: [] }, "No one opened"],
    ["passwords", "get_passwords", { passwords: [] }, "No temporary passwords"],
  ])("%s opened without a connection is read with the next one", async (...given) => {
    const [place, action, answer, said] = given;
    const fake = new FakeHass();
    fake.answers[action] = answer;
    const page = await open({ fake });
    fake.connection.fire("disconnected");
    await page.settle();
    await page.press(place === "history" ? "History" : "Passwords");
    expect(fake.calls(action)).toHaveLength(0);
    fake.connection.fire("ready");
    await page.settle();
    fake.connection.open("subscribe").send(feed());
    await until(() => text(page).includes(said));
    expect(fake.calls(action)).toHaveLength(1);
  });
});

test("an unknown type of method has a name and a place", async () => {
  const page = await open({
    path: "/lock1/unassigned",
    content: {
      ...household(),
      unassigned: [
        method("novelty", 1, { phase: "frozen", delivery_status: "failed" }),
        method("card", 1, { delivery_status: "ongoing", admin: true, duress: true }),
      ],
    },
  });
  expect(text(page)).toContain("Unlock method 1");
  expect(text(page)).toContain("Frozen");
  expect(text(page)).toContain("On its way to the lock");
});
