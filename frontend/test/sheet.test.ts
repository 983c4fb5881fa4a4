import axe from "axe-core";
import { beforeEach, describe, expect, test } from "vitest";
import { page as browser } from "vitest/browser";
import { open, type Page } from "./mount";
import { FakeHass, feed, household, limited, lock, method, textOf, until, user } from "./support";

const refusal = (key: string): object => ({
  code: "service_validation_error",
  message: "raw",
  translation_domain: "tuya_lock_users",
  translation_key: key,
  translation_placeholders: { user: "Clara", method: "Card" },
});

const violations = async (): Promise<string[]> =>
  (
    await axe.run(document.body, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })
  ).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);

const sheetText = (page: Page): string => textOf(page.all("tlu-user-sheet")[0]!);

beforeEach(async () => {
  await browser.viewport(1000, 800);
});

describe("opening and closing", () => {
  test("a row opens the sheet, Back and Escape close it, and the focus returns", async () => {
    const page = await open();
    page.all("tlu-user-row")[1]!.shadowRoot!.querySelector("a")!.click();
    await page.settle();
    expect(page.path).toBe("/lock1/3");
    expect(sheetText(page)).toContain("Outside hours");
    expect(await violations()).toEqual([]);
    history.back();
    await until(() => page.path === "");
    await page.settle();
    expect(page.all("tlu-user-sheet")).toHaveLength(0);
    const focused = page.all("tlu-user-row")[1]!.shadowRoot!.activeElement;
    expect(focused?.tagName).toBe("A");

    page.all("tlu-user-row")[1]!.shadowRoot!.querySelector("a")!.click();
    await page.settle();
    page.all("dialog")[0]!.dispatchEvent(new Event("cancel", { cancelable: true }));
    await page.settle();
    expect(page.path).toBe("/lock1");
  });

  test("keys stay inside, as Home Assistant listens to some", async () => {
    const page = await open({ path: "/lock1/3" });
    let heard = 0;
    const hear = (): number => heard++;
    addEventListener("keydown", hear);
    page
      .all("tlu-user-sheet")[0]!
      .dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true, composed: true }));
    removeEventListener("keydown", hear);
    expect(heard).toBe(0);
  });

  test("somebody who was deleted elsewhere", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.send({ gone: ["3"], order: ["1", "2", "4"] });
    expect(textOf(page.panel.shadowRoot!)).toContain("This user is not on this lock");
    await page.press("Close");
    expect(page.path).toBe("/lock1");
  });

  test("beside the list where there is room", async () => {
    await browser.viewport(1600, 900);
    const page = await open({ path: "/lock1/3" });
    await until(() => page.all("dialog").length === 1 && !page.all("dialog:modal").length);
    page
      .all("dialog")[0]!
      .dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await page.settle();
    expect(page.path).toBe("/lock1");
  });
});

describe("access", () => {
  test("is suspended after a question, and resumed without one", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Suspend");
    expect(textOf(page.all("tlu-confirm")[0]!)).toContain("until you resume access");
    const focused = page.all("tlu-confirm")[0]!.shadowRoot!.activeElement;
    expect(focused?.textContent.trim()).toBe("Cancel");
    await page.press("Cancel");
    expect(page.fake.calls("suspend_user")).toEqual([]);
    await page.press("Suspend");
    page
      .all<HTMLButtonElement>("tlu-confirm")
      .at(-1)!
      .shadowRoot!.querySelector<HTMLElement>(".sure")!
      .click();
    await page.settle();
    expect(page.fake.calls("suspend_user")).toEqual([{ device_id: "device1", user: "3" }]);
    expect(page.toasts).toEqual(["Clara Clean is suspended on Front door."]);

    await page.send({ users: { "3": user("3", "Clara Clean", { access: "suspended" }) } });
    await page.press("Resume");
    expect(page.fake.calls("resume_user")).toEqual([{ device_id: "device1", user: "3" }]);
  });

  test("of the owner is not to be changed", async () => {
    const page = await open({ path: "/lock1/1" });
    expect(page.all(".suspend")).toHaveLength(0);
    expect(sheetText(page)).not.toContain("Delete user");
    expect(sheetText(page)).toContain("The owner can always enter");
  });
});

describe("the schedule", () => {
  test("is limited by a preset, and sent in the wall clock of the lock", async () => {
    const page = await open({ path: "/lock1/2" });
    expect(page.find("Save")).toBeUndefined();
    await page.press("Limited");
    expect((page.find("Save") as HTMLButtonElement).disabled).toBe(true);
    await page.press("Weekend");
    expect(sheetText(page)).toContain("Sat, Sun all day");
    page.fake.answers.set_user_schedule = { schedule: limited() };
    await page.press("Save");
    expect(page.fake.calls("set_user_schedule")).toEqual([
      {
        device_id: "device1",
        user: "2",
        windows: [{ days: ["saturday", "sunday"], start_time: "00:00", end_time: "00:00" }],
      },
    ]);
    expect(textOf(page.all(".saved")[0]!)).toBe("Front door has the new schedule of Anton Ahrens.");
    expect(page.find("Save")).toBeUndefined();
    expect(await violations()).toEqual([]);
  });

  test("arrow keys choose between always and limited", async () => {
    const page = await open({ path: "/lock1/2" });
    const key = async (name: string): Promise<void> => {
      page
        .all('.segments [aria-checked="true"]')[0]!
        .dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
      await page.settle();
    };
    await key("ArrowRight");
    expect(page.all("tlu-week-grid")).toHaveLength(1);
    await key("ArrowUp");
    expect(page.all("tlu-week-grid")).toHaveLength(0);
  });

  test("with dates, the next day, and copied from somebody", async () => {
    const page = await open({ path: "/lock1/4" });
    await page.press("Start on a date");
    await page.press("Start on a date");
    await page.fill("Start", "2027-07-01");
    await page.fill("Start time", "08:30:00");
    await page.fill("End", "2027-01-01");
    expect(sheetText(page)).toContain("The end must be after the start");
    expect((page.find("Save") as HTMLButtonElement).disabled).toBe(true);
    await page.fill("End", "2027-07-02");
    page.fake.answers.set_user_schedule = { schedule: limited({ delivery_status: "ongoing" }) };
    await page.press("Save");
    expect(page.fake.calls("set_user_schedule")[0]).toMatchObject({
      start: "2027-07-01T08:30:00+02:00",
      end: expect.stringMatching(/^2027-07-02T00:00:00\+02:00$/) as string,
    });
    expect(textOf(page.all(".saved")[0]!)).toContain("is on its way to Front door");

    await page.press("Next 24 hours");
    expect(page.all(".saved")).toEqual([]);
    expect(sheetText(page)).toContain("until");
    await page.press("Copy from");
    page.all(".pick")[0]!.click();
    await page.settle();
    expect(sheetText(page)).toContain("Mon–Fri 09:00–12:00");
    await page.press("Discard");
    expect(page.find("Save")).toBeUndefined();
  });

  test("by rows: what is wrong is said in the words of the refusal", async () => {
    const page = await open({ path: "/lock1/2" });
    await page.press("Limited");
    await page.press("Add hours");
    expect(sheetText(page)).toContain("Select at least one day");
    await page.press("Monday");
    await page.press("Wednesday");
    await page.fill("From", "13:00:00");
    expect(sheetText(page)).toContain("must end after it starts");
    await page.fill("To", "00:00:00");
    expect(sheetText(page)).toContain("Mon, Wed 13:00–24:00");
    await page.press("Monday");
    expect(sheetText(page)).toContain("Wed 13:00–24:00");
    await page.press("Remove hours");
    expect(page.all("tlu-window-row")).toHaveLength(0);
  });

  test("keeps a draft that was refused, and offers less where a lock takes less", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Weekdays");
    await page.press("Add hours");
    await page.press("Sunday");
    page.fake.answers.set_user_schedule = refusal("one_window_only");
    await page.press("Save");
    expect(sheetText(page)).toContain("supports only one weekly window");
    await page.press("Keep only the first hours");
    expect(page.all("tlu-window-row")).toHaveLength(1);
    // A lock that reports what it refused leaves nothing to save, but still a reason.
    await page.press("Save");
    const refused = limited({
      end: "2027-09-24T23:59:00+02:00",
      windows: [
        {
          days: ["monday", "tuesday", "wednesday", "thursday", "friday"],
          start_time: "08:00",
          end_time: "18:00",
        },
      ],
    });
    await page.send({ users: { "3": user("3", "Clara Clean", { schedule: refused }) } });
    expect(page.find("Save")).toBeUndefined();
    const [alert] = page.all(".footer .note");
    expect(alert!.getBoundingClientRect().bottom).toBeLessThan(innerHeight);
    alert!.querySelector("button")!.click();
    await page.settle();
    expect(page.all(".footer")).toEqual([]);
    await page.send(household());
    await page.press("Weekdays");
    page.fake.answers.set_user_schedule = { schedule: limited() };
    await page.press("Save");
    expect(page.fake.calls("set_user_schedule")).toHaveLength(3);
    expect(page.find("Save")).toBeUndefined();
  });

  test("unsaved changes are asked for, kept for a new element, and discarded", async () => {
    let page = await open({ path: "/lock1/3" });
    await page.press("Weekend");
    await page.press("Close");
    expect(textOf(page.panel.shadowRoot!)).toContain("Discard changes?");
    await page.press("Cancel");
    // Home Assistant throws the element away after a while.
    page = await open({ path: "/lock1/3" });
    expect(sheetText(page)).toContain("Sat, Sun all day");
    await page.press("Close");
    page.all("tlu-confirm").at(-1)!.shadowRoot!.querySelector<HTMLElement>(".sure")!.click();
    await page.settle();
    expect(page.path).toBe("/lock1");
    page = await open({ path: "/lock1/3" });
    expect(page.find("Save")).toBeUndefined();
  });

  test("a change from elsewhere meets unsaved ones", async () => {
    const page = await open({ path: "/lock1/3" });
    const weekend = limited({
      windows: [{ days: ["saturday", "sunday"], start_time: "00:00", end_time: "24:00" }],
    });
    const theirs = {
      users: { "3": user("3", "Clara Clean", { schedule: limited({ windows: [] }) }) },
    };
    await page.press("Weekend");
    await page.send(theirs);
    expect(sheetText(page)).toContain("changed elsewhere meanwhile");
    await page.press("Keep mine");
    expect(sheetText(page)).not.toContain("changed elsewhere meanwhile");
    expect(sheetText(page)).toContain("Sat, Sun all day");
    await page.send(household());
    await page.press("Use the new one");
    expect(page.find("Save")).toBeUndefined();

    // What is reported during a write is the write itself.
    let taken: (answer: unknown) => void = () => undefined;
    page.fake.answers.set_user_schedule = new Promise((resolve) => (taken = resolve));
    await page.press("Weekend");
    const width = (): number => page.find("Save")!.getBoundingClientRect().width;
    const before = width();
    await page.press("Save");
    expect(width()).toBe(before);
    await page.send(theirs);
    expect(sheetText(page)).not.toContain("changed elsewhere meanwhile");
    await page.send({ users: { "3": user("3", "Clara Clean", { schedule: weekend }) } });
    expect(page.find("Save")).toBeDefined();
    await page.press("Close");
    taken({ schedule: null });
    await page.settle();
    expect(page.toasts).toEqual(["Front door has the new schedule of Clara Clean."]);
  });

  test("hours that nobody understands are said so", async () => {
    const page = await open({
      path: "/lock1/3",
      content: {
        users: { "3": user("3", "Clara", { schedule: limited({ windows: null }) }) },
        order: ["3"],
      },
      overview: feed(lock({ time_zone: "+08:00" })),
    });
    expect(sheetText(page)).toContain("are not understood");
    expect(sheetText(page)).toContain("Times of the lock (+08:00)");
  });

  test("a lost connection is no reason to send it twice", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Weekend");
    page.fake.answers.set_user_schedule = { error: { code: 3 }, code: undefined };
    page.fake.hass.callService = () =>
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the library does
      Promise.reject({ error: { code: 3 } });
    await page.press("Save");
    expect(sheetText(page)).toContain("may have been sent");
    await page.press("Discard");
  });
});

describe("unlock methods", () => {
  test("are listed, taken away, and assigned", async () => {
    const page = await open({ path: "/lock1/3" });
    expect(sheetText(page)).toContain("Clara's thumb");
    await page.press("Unassign: Fingerprint 5");
    expect(page.fake.calls("deallocate_unlock_methods")).toEqual([
      { device_id: "device1", user: "3", unlock_methods: [{ type: "fingerprint", number: 5 }] },
    ]);
    await page.press("Unassign: Green card");
    expect(page.fake.calls("deallocate_unlock_methods")).toHaveLength(1);
    expect(sheetText(page)).toContain("does not allow Green card");

    page.fake.answers.allocate_unlock_methods = refusal("unlock_method_taken");
    await page.press("Assign a method");
    await page.press("Blue card");
    expect(sheetText(page)).toContain("Unassign it from Clara first");
    page.fake.answers.allocate_unlock_methods = { unlock_methods: [] };
    await page.press("Assign a method");
    await page.press("Blue card");
    expect(page.toasts.at(-1)).toBe("Blue card now belongs to Clara Clean.");
  });

  test("keep the focus when another one comes before them", async () => {
    const page = await open({ path: "/lock1/3" });
    const button = page.find("Unassign: Fingerprint 5")!;
    button.focus();
    const { unlock_methods: known, ...clara } = household().users!["3"]!;
    const unlock_methods = [...known!, method("fingerprint", 1)];
    await page.send({ users: { "3": { ...clara, unlock_methods } } });
    expect(page.find("Unassign: Fingerprint 1")).toBeDefined();
    expect((button.getRootNode() as ShadowRoot).activeElement).toBe(button);
    expect(page.find("Unassign: Fingerprint 5")).toBe(button);
  });

  test("the last one is asked for; none and unread are told apart", async () => {
    const one = user("3", "Clara Clean", { unlock_methods: [method("card", 2)] });
    const page = await open({ path: "/lock1/3", content: { users: { "3": one }, order: ["3"] } });
    await page.press("Unassign: Card 2");
    expect(textOf(page.panel.shadowRoot!)).toContain("last unlock method of Clara Clean");
    await page.press("Cancel");
    await page.send({ users: { "3": { ...one, unlock_methods: [] } } });
    expect(sheetText(page)).toContain("cannot open the lock with a finger");
    await page.send({ users: { "3": { ...one, unlock_methods: null } } });
    expect(sheetText(page)).toContain("were not read yet");
    await page.press("Assign a method");
    expect(textOf(page.panel.shadowRoot!)).toContain("not read yet");
  });

  test("are renamed, made an alarm, and deleted", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Edit Clara's thumb");
    expect(page.all<HTMLButtonElement>(".save").at(-1)!.disabled).toBe(true);
    await page.fill("Name", "Right thumb");
    await page.press("Duress alarm");
    await page.press("Notify the app");
    expect(await violations()).toEqual([]);
    await page.press("Save");
    expect(page.fake.calls("update_unlock_method")).toEqual([
      {
        device_id: "device1",
        user: "3",
        type: "fingerprint",
        number: 4,
        name: "Right thumb",
        duress: true,
        notify_app: true,
      },
    ]);
    await page.press("Edit Fingerprint 5");
    await page.press("Delete from the lock");
    page.all("tlu-confirm").at(-1)!.shadowRoot!.querySelector<HTMLElement>(".sure")!.click();
    await page.settle();
    expect(page.fake.calls("delete_unlock_method")).toEqual([
      { device_id: "device1", user: "3", type: "fingerprint", number: 5 },
    ]);
  });

  test("are enrolled with progress", async () => {
    const page = await open({ path: "/lock1/3" });
    let answer: (value: unknown) => void = () => undefined;
    page.fake.answers.enroll_unlock_method = new Promise((resolve) => (answer = resolve));
    await page.press("Add a method");
    await page.fill("Name", "Left thumb");
    await page.press("Start");
    const progress = (): string => textOf(page.all("tlu-enroll")[0]!);
    expect(progress()).toContain("Waiting for the lock");
    const waits = { user_id: "3", type: "fingerprint", touches_total: 4 };
    await page.send({ enrollment: { ...waits, touches_left: 4, lift_finger: false } });
    expect(progress()).toContain("0 of 4 touches Waiting for the lock");
    await page.send({ enrollment: { ...waits, touches_left: 3, lift_finger: true } });
    expect(progress()).toContain("1 of 4 touches");
    expect(progress()).toContain("Lift your finger");
    await page.press("Cancel");
    expect(page.fake.calls("cancel_enrollment")).toEqual([
      { device_id: "device1", type: "fingerprint" },
    ]);
    answer({ unlock_method: method("fingerprint", 8, { name: "Left thumb" }), status: "enrolled" });
    await until(() => page.toasts.length > 0);
    expect(page.toasts).toEqual(["Clara Clean has a new method: Left thumb."]);
    await page.settle();
    expect(page.all("tlu-enroll")).toHaveLength(0);
    expect(sheetText(page)).toContain("is waiting for a new unlock method of Clara Clean");
  });

  test("a password needs digits, and is told once", async () => {
    const page = await open({ path: "/lock1/3" });
    page.fake.answers.enroll_unlock_method = { unlock_method: null, status: "cancelled" };
    await page.press("Add a method");
    await page.press("Password");
    expect((page.find("Start") as HTMLButtonElement).disabled).toBe(true);
    await page.fill("Password", "27183");
    await page.press("Duress alarm");
    await page.press("Start");
    expect(page.fake.calls("enroll_unlock_method")[0]).toMatchObject({
      type: "password",
      password: "27183",
      duress: true,
    });
    expect(page.toasts).toEqual(["Adding the method was cancelled."]);
  });
});

describe("the person", () => {
  test("is read when opened, and only what changed is sent", async () => {
    const page = await open({ path: "/lock1/3" });
    page.fake.answers.get_user = {
      profile: {
        sex: "female",
        birthday: null,
        height: 170,
        weight: null,
        contact: "c@example.com",
      },
    };
    expect(page.fake.calls("get_user")).toEqual([]);
    await page.press("Profile");
    await until(() => page.all(".form tlu-field").length > 0);
    await page.fill("Name", "Clara Klein");
    await page.fill("Height", 171);
    await page.fill("Contact", "c@example.com");
    await page.press("Save");
    expect(page.fake.calls("update_user")).toEqual([
      { device_id: "device1", user: "3", name: "Clara Klein", height: 171 },
    ]);
    page.fake.answers.get_user = refusal("user_gone");
    await page.press("Profile");
    await page.press("Profile");
    await until(() => sheetText(page).includes("cannot be read"));
  });

  test("becomes an administrator; the last one is asked for", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Administrator");
    expect(page.fake.calls("set_user_role")).toEqual([
      { device_id: "device1", user: "3", role: "admin" },
    ]);
    const admin = await open({ path: "/lock1/2" });
    await admin.press("Member");
    expect(textOf(admin.panel.shadowRoot!)).toContain("last administrator of Front door");
    await admin.press("Make member");
    expect(admin.fake.calls("set_user_role")).toHaveLength(1);
  });

  test("is deleted after a question that says what goes", async () => {
    const page = await open({ path: "/lock1/3" });
    await page.press("Delete");
    expect(textOf(page.all("tlu-confirm")[0]!)).toContain(
      "2 fingerprints and 1 card of Clara Clean will no longer open Front door",
    );
    expect(await violations()).toEqual([]);
    page.all("tlu-confirm").at(-1)!.shadowRoot!.querySelector<HTMLElement>(".sure")!.click();
    await page.settle();
    expect(page.fake.calls("delete_user")).toEqual([{ device_id: "device1", user: "3" }]);
    expect(page.path).toBe("/lock1");
  });

  test("is added by name, and shown with what comes next", async () => {
    const page = await open();
    page.fake.answers.add_user = { user_id: "9" };
    await page.press("Add user");
    expect(await violations()).toEqual([]);
    await page.press("Details");
    await page.fill("Name", " Nina New ");
    await page.fill("Weight", 60.5);
    await page.press("Female");
    await page.press("Add");
    expect(page.fake.calls("add_user")).toEqual([
      { device_id: "device1", name: "Nina New", weight: 60.5, sex: "female" },
    ]);
    expect(page.path).toBe("/lock1/9");
    await page.send({ users: { "9": user("9", "Nina New") }, order: ["1", "2", "3", "4", "9"] });
    expect(sheetText(page)).toContain("Next: assign an unlock method");
  });

  test("a name that is refused stays in the form", async () => {
    const fake = new FakeHass();
    fake.answers.add_user = { code: "home_assistant_error", message: "no" };
    const page = await open({ fake });
    await page.press("Add user");
    await page.fill("Name", "Nina");
    await page.press("Add");
    expect(textOf(page.all("tlu-add-user")[0]!)).toContain("This did not work: no");
  });
});
