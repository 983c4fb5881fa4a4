/** The panel in a page that follows addresses as Home Assistant does. */

import type { LockMessage } from "../src/types";
import type { TuyaLockUsersPanel } from "../src/panel";
import "../src/panel";
import { deep, FakeHass, feed, household, until } from "./support";

const BASE = "/tuya_lock_users";

export class Page {
  readonly toasts: string[] = [];

  constructor(
    readonly panel: TuyaLockUsersPanel,
    readonly fake: FakeHass,
  ) {}

  /** Send something about the lock that is shown. */
  async send(message: LockMessage): Promise<void> {
    this.fake.connection.open("subscribe_lock").send(message);
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve));
      await this.panel.updateComplete;
    }
  }

  /** A button or link by its words or label; what a dialog covers is not found. */
  find(name: string): HTMLElement | undefined {
    const found = deep(this.panel.shadowRoot!, "button, a").filter((element) => {
      const label = element.getAttribute("aria-label");
      const text = element.textContent.replace(/\s+/g, " ").trim();
      return label === name || text === name || text.startsWith(name);
    });
    return found.at(-1);
  }

  async press(name: string): Promise<void> {
    const found = await until(() => this.find(name), name);
    if ((found as HTMLButtonElement).disabled) {
      throw new Error(`${name} is disabled`);
    }
    found.click();
    await this.settle();
  }

  /** Fill the field with this label, as Home Assistant's selector does. */
  async fill(label: string, value: unknown): Promise<void> {
    const field = await until(
      () =>
        deep(this.panel.shadowRoot!, "tlu-field").findLast(
          (each) => (each as unknown as { label: string }).label === label,
        ),
      label,
    );
    field
      .shadowRoot!.querySelector("ha-selector")!
      .dispatchEvent(new CustomEvent("value-changed", { detail: { value } }));
    await this.settle();
  }

  all<T extends Element = HTMLElement>(selector: string): T[] {
    return deep<T>(this.panel.shadowRoot!, selector);
  }

  get path(): string {
    return location.pathname.slice(BASE.length);
  }
}

// What Home Assistant's light theme says.
document.documentElement.style.cssText =
  "--app-header-background-color: #fff; --app-header-text-color: #141414;" +
  "--primary-background-color: #fafafa; --header-height: 56px;";
document.body.style.margin = "0";

let page: Page | undefined;

const follow = (): void => {
  if (page) {
    page.panel.route = { path: location.pathname.slice(BASE.length) };
  }
};
addEventListener("location-changed", follow);
addEventListener("popstate", follow);

/** Home Assistant's own, which is not there in tests. */
class Selector extends HTMLElement {
  connectedCallback(): void {
    this.tabIndex = -1;
  }
}
customElements.define("ha-selector", Selector);

interface Options {
  fake?: FakeHass;
  path?: string;
  content?: LockMessage | null;
  overview?: unknown;
}

/** Open the panel at an address, with a lock and its users unless others are given. */
export const open = async ({
  fake = new FakeHass(),
  path = "",
  content = household(),
  overview = feed(),
}: Options = {}): Promise<Page> => {
  page?.panel.remove();
  history.replaceState(null, "", BASE + path);
  const panel = document.createElement("tuya-lock-users-panel") as TuyaLockUsersPanel;
  page = new Page(panel, fake);
  const { toasts } = page;
  panel.addEventListener("hass-notification", (event) =>
    toasts.push((event as CustomEvent<{ message: string }>).detail.message),
  );
  panel.hass = fake.hass;
  panel.route = { path };
  document.body.append(panel);
  await page.settle();
  if (overview) {
    fake.connection.open("subscribe").send(overview);
    await page.settle();
    if (content) {
      await page.send(content);
    }
  }
  return page;
};
