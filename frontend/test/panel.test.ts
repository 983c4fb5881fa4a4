import axe from "axe-core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { page as browser, userEvent } from "vitest/browser";
import { actionError } from "../src/actions";
import { merge } from "../src/merge";
import type { TuyaLockUsersPanel } from "../src/panel";
import { open } from "./mount";
import {
  ACTIONS,
  byLabel,
  FakeHass,
  feed,
  household,
  limited,
  localize,
  lock,
  project,
  textOf,
  until,
  user,
  words,
} from "./support";

/** What axe finds wrong on the page. */
const violations = async (): Promise<string[]> => {
  const { violations: found } = await axe.run(document.body, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
};

beforeEach(async () => {
  localStorage.clear();
  await browser.viewport(1000, 800);
});

describe("states", () => {
  test("nothing is drawn without strings, and a spinner while the feed is late", async () => {
    const { panel, fake } = await open({ overview: null });
    await until(() => textOf(panel.shadowRoot!).includes("Loading"));
    fake.connection.open("subscribe").send(feed());
    await until(() => !textOf(panel.shadowRoot!).includes("No locks"));
  });

  test("strings that could not be loaded in a restart come later", async () => {
    const fake = new FakeHass();
    // As Home Assistant does: what failed once is taken for loaded.
    const asked: (string | undefined)[] = [];
    fake.hass.loadBackendTranslation = (_, integration) => {
      asked.push(integration);
      return integration
        ? // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the library does
          Promise.reject({ code: 3 })
        : Promise.resolve(localize);
    };
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const panel = document.createElement("tuya-lock-users-panel") as TuyaLockUsersPanel;
    try {
      panel.hass = fake.hass;
      panel.route = { path: "" };
      document.body.append(panel);
      await vi.advanceTimersByTimeAsync(1000);
      expect(textOf(panel.shadowRoot!)).toBe("");
      await vi.advanceTimersByTimeAsync(2000);
      expect(textOf(panel.shadowRoot!)).toContain("Lock users");
      expect(asked).toEqual(["tuya_lock_users", "tuya_lock_users", undefined, undefined]);
    } finally {
      vi.useRealTimers();
      panel.remove();
    }
  });

  test("a refusal whose words cannot be loaded is shown as it came", async () => {
    const { hass } = new FakeHass();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the library does
    hass.loadBackendTranslation = () => Promise.reject({ code: 3 });
    const refusal = { message: "No.", translation_domain: "other", translation_key: "no" };
    expect((await actionError(hass, words(), refusal)).message).toContain("No.");
  });

  test("no locks", async () => {
    const page = await open({
      overview: { projects: [project()], locks: [] },
      content: null,
    });
    expect(textOf(page.panel.shadowRoot!)).toContain("No locks");
    await page.press("Open integration");
    expect(location.pathname).toBe("/config/integrations/integration/tuya_lock_users");
  });

  test("a project that cannot be reached is not said to have no locks", async () => {
    const overview = { projects: [project({ state: "setup_retry" })], locks: [] };
    const page = await open({ overview, content: null });
    expect(textOf(page.panel.shadowRoot!)).toContain("keeps trying");
    expect(textOf(page.panel.shadowRoot!)).not.toContain("No locks");
    overview.projects[0]!.state = "setup_in_progress";
    page.fake.connection.open("subscribe").send({ ...overview });
    await page.settle();
    expect(textOf(page.panel.shadowRoot!)).not.toContain("No locks");
  });

  test("a lock that was never read, a disabled one, and one that is gone", async () => {
    let page = await open({ overview: feed(lock({ read_at: null })), content: { order: [] } });
    expect(textOf(page.panel.shadowRoot!)).toContain("This lock was not read yet");
    page = await open({ overview: feed(lock({ disabled: true })) });
    expect(textOf(page.panel.shadowRoot!)).toContain("is disabled, so it is not read");
    await page.press("Open device");
    expect(location.pathname).toBe("/config/devices/device/device1");
    page = await open({ path: "/nowhere", content: null });
    expect(textOf(page.panel.shadowRoot!)).toContain("This lock is not available");
  });

  test.each([
    [{ state: "setup_retry" }, "keeps trying"],
    [{ state: "setup_error", reason: "reauth" }, "needs new credentials"],
    [{ state: "setup_error" }, "could not be set up"],
    [{ paused_until: new Date(Date.now() + 7_300_000).toISOString() }, "is in 2 hours."],
  ])("a project with %o", async (more, text) => {
    const page = await open({ overview: { ...feed(), projects: [project(more)] } });
    expect(textOf(page.panel.shadowRoot!)).toContain(text);
  });

  test("only administrators", async () => {
    const fake = new FakeHass();
    fake.connection.refusals = [{ code: "unauthorized" }];
    const { panel } = await open({ fake, overview: null });
    expect(textOf(panel.shadowRoot!)).toContain("Only administrators");
  });

  test("a lost connection disables writing until it is back", async () => {
    const page = await open({ path: "/lock1/3" });
    page.fake.connection.fire("disconnected");
    await page.settle();
    expect(textOf(page.panel.shadowRoot!)).toContain("Connection lost");
    expect((page.find("Suspend") as HTMLButtonElement).disabled).toBe(true);
    page.fake.connection.fire("ready");
    await page.settle();
    page.fake.connection.open("subscribe").send(feed());
    await page.send(household());
    expect(textOf(page.panel.shadowRoot!)).not.toContain("Connection lost");
    expect((page.find("Suspend") as HTMLButtonElement).disabled).toBe(false);
  });

  test("a new version is announced", async () => {
    const page = await open();
    page.panel.panel = { config: { version: "another" } };
    await page.settle();
    expect(page.find("Reload")).toBeDefined();
  });

  test("a second copy of the module registers nothing twice", async () => {
    const known = customElements.get("tuya-lock-users-panel");
    const again = "../src/panel?again";
    await import(/* @vite-ignore */ again);
    expect(customElements.get("tuya-lock-users-panel")).toBe(known);
  });

  test("what is sent is merged, and what did not change stays the same", () => {
    const first = merge(
      { users: {}, order: [], absent: null, unassigned: null, enrollment: null },
      household(),
    );
    const next = merge(first, {
      users: { "3": user("3", "Clara") },
      gone: ["4"],
      order: ["1", "2", "3"],
      absent: [],
    });
    expect(Object.keys(next.users)).toEqual(["1", "2", "3"]);
    expect(next.users["1"]).toBe(first.users["1"]);
    expect(next.unassigned).toBe(first.unassigned);
    expect(next.absent).toEqual([]);
  });
});

describe("the list", () => {
  test("keeps the focus on a user who moves", async () => {
    const page = await open();
    const focused = (): string | undefined =>
      page.all("tlu-user-row").find((row) => row.matches(":focus-within"))?.dataset.user;
    const row = page.all("tlu-user-row").find(({ dataset }) => dataset.user === "3")!;
    row.focus();
    await page.send({ users: { "0": user("0", "Aaron") }, order: ["0", "1", "2", "3", "4"] });
    expect(focused()).toBe("3");
    // Each row moves as a whole, and those that are gone leave none.
    await page.send({ users: { "3": user("3", "Zoe") }, gone: ["2"], order: ["0", "1", "3", "4"] });
    const ids = page.all("tlu-user-row").map(({ dataset }) => dataset.user);
    expect(ids).toEqual(["0", "4", "1", "3"]);
    expect(page.all("tlu-user-row")[3]).toBe(row);
    expect(focused()).toBe("3");
  });

  test("says who, when, how, and whether now; and pleases axe", async () => {
    const page = await open({
      overview: feed(lock({ online: false, pending: 1 }), lock({ lock_id: "lock2", name: "Gate" })),
    });
    const rows = page.all("tlu-user-row").map(textOf);
    expect(rows[1]).toContain("Clara Clean");
    expect(rows[1]).toContain("Mon–Fri 09:00–12:00, Sat 10:00–11:00 · until Sep 24, 2027");
    expect(rows[1]).toContain("2 fingerprints");
    expect(rows[1]).toContain("Outside hours");
    expect(rows[0]).toContain("Unlock methods not read yet");
    const text = textOf(page.panel.shadowRoot!);
    expect(text).toContain("Front door is offline");
    expect(text).toContain("1 change is on its way");
    expect(await violations()).toEqual([]);
  });

  test("is searched, filtered, and sorted", async () => {
    const page = await open();
    const names = (): string[] => page.all(".name bdi").map((element) => element.textContent);
    expect(names()).toEqual(["Anton Ahrens", "Clara Clean", "Emil Expired", "Olivia Ortmann"]);
    await page.press("By name");
    expect(names()).toEqual(["Anton Ahrens", "Olivia Ortmann", "Clara Clean", "Emil Expired"]);
    await page.press("Limited");
    expect(names()).toEqual(["Clara Clean", "Emil Expired"]);
    await page.press("Suspended or expired");
    expect(names()).toEqual(["Emil Expired"]);
    await page.press("All");
    const [input] = page.all<HTMLInputElement>("input[type=search]");
    input!.value = "cLA";
    input!.dispatchEvent(new Event("input"));
    await page.settle();
    expect(names()).toEqual(["Clara Clean"]);
    await page.press("Clear search");
    expect(names()).toHaveLength(4);
  });

  test("shows what is on its way, and what the lock did not take", async () => {
    const page = await open();
    await page.send({ users: { "3": user("3", "Clara Clean", { delivery_status: "ongoing" }) } });
    expect(textOf(page.all("tlu-user-row")[1]!)).toContain("On its way to the lock");
    await page.send({ users: { "3": user("3", "Clara Clean", { delivery_status: "failed" }) } });
    expect(textOf(page.all("tlu-user-row")[1]!)).toContain("did not apply the last change");
  });

  test("keeps the lock that was shown last, and changes it", async () => {
    const overview = feed(lock(), lock({ lock_id: "lock2", name: "Gate" }));
    let page = await open({ overview });
    await page.press("Gate");
    expect(page.path).toBe("/lock2");
    expect(page.fake.connection.open("subscribe_lock").command.lock_id).toBe("lock2");
    page = await open({ overview });
    expect(page.fake.connection.open("subscribe_lock").command.lock_id).toBe("lock2");
  });

  test("five hundred users are drawn at once", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, id) => [`u${id}`, user(`u${id}`, `User ${id}`)]),
    );
    const page = await open({ content: null });
    const started = performance.now();
    await page.send({ users: many, order: Object.keys(many) });
    expect(page.all("tlu-user-row")).toHaveLength(500);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("the bar", () => {
  test("reads now, and says why not", async () => {
    const page = await open();
    await page.press("Read now");
    expect(page.fake.calls("tuya_lock_users/refresh")[0]).toMatchObject({ lock_id: "lock1" });
    expect(page.toasts).toEqual(["Front door was read."]);
    page.fake.hass.callWS = () =>
      Promise.reject(
        Object.assign(new Error("busy"), {
          translation_domain: "tuya_lock_users",
          translation_key: "lock_busy",
          translation_placeholders: { seconds: "20" },
        }),
      );
    await page.press("Read now");
    expect(page.toasts.at(-1)).toContain("20 seconds");
  });

  test("has a menu for the keyboard", async () => {
    const page = await open();
    const button = byLabel(page.panel.shadowRoot!, "More options")!;
    button.focus();
    await page.press("More options");
    const focused = (): Element | null => (button.getRootNode() as ShadowRoot).activeElement;
    await until(() => focused()?.textContent.trim() === "Integration settings");
    await userEvent.keyboard("{ArrowDown}");
    expect(focused()?.textContent.trim()).toBe("Activity");
    await userEvent.keyboard("{Escape}");
    expect(page.find("Activity")!.checkVisibility()).toBe(false);
    expect(focused()).toBe(button);
  });

  test("opens the sidebar of a phone, also without Home Assistant's button", async () => {
    const page = await open();
    page.panel.narrow = true;
    await page.settle();
    let toggled = 0;
    page.panel.addEventListener("hass-toggle-menu", () => toggled++);
    await page.press("Open the sidebar");
    expect(toggled).toBe(1);
    await page.press("Search users");
    expect(page.all("input[type=search]")).toHaveLength(1);
    page.fake.hass.kioskMode = true;
    page.panel.hass = { ...page.fake.hass };
    await page.settle();
    await page.press("Clear search");
    expect(page.find("Open the sidebar")).toBeUndefined();
  });

  test("tabs are there once their actions are", async () => {
    let page = await open({ fake: new FakeHass(ACTIONS), path: "/lock1/3" });
    expect(page.find("Passwords")).toBeUndefined();
    expect(page.find("Add a method")).toBeUndefined();
    page = await open();
    await page.press("Passwords");
    expect(page.path).toBe("/lock1/passwords");
    await page.press("History");
    await page.press("Users");
    expect(page.path).toBe("/lock1");
  });
});

describe("layout", () => {
  test.each([400, 700, 1000, 1600])("nothing is wider than %i pixels", async (width) => {
    await browser.viewport(width, 800);
    const page = await open({
      path: "/lock1/3",
      overview: feed(
        lock(),
        ...["b", "c", "d"].map((id) => lock({ lock_id: id, name: `Lock ${id}` })),
      ),
    });
    page.panel.narrow = width < 870;
    await page.settle();
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    // The viewport has its new size a frame later.
    await until(() => page.all("dialog:modal").length === (width < 1100 ? 1 : 0));
  });

  test("notes leave a phone room for users, but never hide an error", async () => {
    await browser.viewport(360, 740);
    const page = await open({
      overview: feed(lock({ online: false, pending: 1, readable: false }), lock({ lock_id: "b" })),
    });
    const notes = (): string[] =>
      page
        .all(".note")
        .filter((each) => each.checkVisibility())
        .map(textOf);
    const error = "Front door could not be read. What you see may be old. Open repairs";
    const short = "Offline · 1 change on its way · 2 unassigned unlock methods · 1 absent user";
    // The viewport has its new size a frame later.
    await until(() => notes().length === 2);
    expect(notes()).toEqual([short, error]);
    expect(page.all("tlu-user-row")[1]!.getBoundingClientRect().bottom).toBeLessThan(740);
    await page.press("Offline · 1");
    expect(notes()).toHaveLength(6);
    expect(await violations()).toEqual([]);
  });

  test("a narrow phone has room for AM and PM", async () => {
    await browser.viewport(320, 640);
    const page = await open({ path: "/lock1/3" });
    const [from, to] = page.all(".times tlu-field").map((each) => each.getBoundingClientRect());
    expect(to!.left).toBe(from!.left);
    expect(from!.width).toBeGreaterThanOrEqual(160);
  });

  test("the lock of a link is in view", async () => {
    await browser.viewport(400, 800);
    const ids = ["a", "b", "c", "d", "e"];
    const page = await open({
      path: "/e",
      overview: feed(...ids.map((id) => lock({ lock_id: id, name: `Lock ${id}` }))),
    });
    const chip = page.find("Lock e")!.getBoundingClientRect();
    expect(chip.right).toBeLessThanOrEqual(400);
  });

  test("right to left, times keep their order", async () => {
    document.documentElement.dir = "rtl";
    const page = await open({
      content: {
        ...household(),
        users: { "3": user("3", "Clara", { schedule: limited() }) },
        order: ["3"],
      },
    });
    const row = page.all("tlu-user-row")[0]!;
    const line = row.shadowRoot!.querySelector(".line")!;
    expect(line.textContent).toContain("\u206809:00–12:00\u2069");
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(1000);
    document.documentElement.dir = "";
  });
});
