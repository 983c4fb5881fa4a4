/** The panel "Lock users". */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { LitElement } from "lit";
import { actionError } from "./actions";
import { Context, type Question } from "./base";
import { define } from "./define";
import { icon } from "./icons";
import { Live } from "./live";
import { goTo, partsOf, pathOf } from "./navigate";
import { shared } from "./styles";
import {
  DOMAIN,
  type Feed,
  type HomeAssistant,
  type Lock,
  type LockMessage,
  type LockUsers,
  type User,
} from "./types";
import { Words } from "./words";
import type { UserList } from "./elements/user-list";
import type { UserSheet } from "./elements/user-sheet";
import { avatar } from "./elements/avatar";
import { avatarStyles } from "./elements/user-row";
import "./elements/absent-list";
import "./elements/add-user";
import "./elements/confirm";
import "./elements/dialog";
import "./elements/history";
import "./elements/lock-chips";
import "./elements/notices";
import "./elements/passwords";
import "./elements/tray";
import "./elements/user-list";
import "./elements/user-sheet";

const HELP = "https://github.com/tuya-lock-users/tuya-lock-users/blob/main/docs/panel.md";

/** From this width on the sheet stands beside the list. */
const BESIDE = 1100;

/** The lock that was shown last. */
const LAST_LOCK = `${DOMAIN}.lock`;

const TABS = ["users", "passwords", "history"] as const;
type Tab = (typeof TABS)[number];
const NEEDED: Partial<Record<Tab, string>> = {
  passwords: "get_passwords",
  history: "get_records",
};

/** Places below a lock that are no user. */
type Place = Tab | "unassigned" | "absent";
const PLACES: readonly string[] = [...TABS, "unassigned", "absent"];

const EMPTY: LockUsers = {
  users: {},
  order: [],
  absent: null,
  unassigned: null,
  enrollment: null,
};

/** The version of this bundle: the folder it was loaded from. */
const OWN_VERSION = new URL(import.meta.url).pathname.split("/").at(-2);

const keptLock = (): string | null => {
  try {
    return localStorage.getItem(LAST_LOCK);
  } catch {
    return null;
  }
};

const keepLock = (lockId: string): void => {
  try {
    localStorage.setItem(LAST_LOCK, lockId);
  } catch {
    // A browser that keeps nothing shows the first lock.
  }
};

interface Asked {
  question: Question;
  answer: (sure: boolean) => void;
}

@define("tuya-lock-users-panel")
export class TuyaLockUsersPanel extends LitElement {
  @property({ attribute: false }) hass!: HomeAssistant;
  @property({ type: Boolean }) narrow = false;
  @property({ attribute: false }) route: { path: string } = { path: "" };
  @property({ attribute: false }) panel: { config?: { version?: string } } = {};

  @state() private words: Words | undefined;
  @state() private feed: Feed | undefined;
  @state() private lockUsers: LockUsers | undefined;
  @state() private search = "";
  @state() private searching = false;
  @state() private adding = false;
  @state() private added = "";
  @state() private reading = false;
  @state() private asked: Asked | undefined;
  @state() private said = "";
  @state() private menuOpen = false;
  @state() private isWide = false;
  /** Whether it takes long enough to show that something loads. */
  @state() private isSlow = false;

  @query("tlu-user-sheet") private readonly sheet!: UserSheet | null;
  @query("tlu-user-list") private readonly list!: UserList | null;

  private ctx!: Context;
  private spoken = "";
  private ticker: ReturnType<typeof setInterval> | undefined;
  private resizes = new ResizeObserver(([entry]) => {
    this.isWide = (entry?.contentRect.width ?? 0) >= BESIDE;
  });

  private readonly live = new Live<Feed>(this, (feed) => (this.feed = feed));
  private readonly lockLive = new Live<LockMessage>(this, (message, first) => {
    this.lockUsers = merge(first ? EMPTY : (this.lockUsers ?? EMPTY), message);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.resizes.observe(this);
    // Ages and next changes go on by themselves.
    this.ticker = setInterval(() => this.renew(), 30_000);
    setTimeout(() => (this.isSlow = true), 300);
    addEventListener("popstate", this.popped);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
    clearInterval(this.ticker);
    removeEventListener("popstate", this.popped);
  }

  /** Home Assistant sets `hass` at every change of any state: most are not for us. */
  override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as HomeAssistant | undefined;
    if (changed.size > 1 || !changed.has("hass") || !before) {
      return true;
    }
    return (
      before.connection !== this.hass.connection ||
      before.language !== this.hass.language ||
      before.locale !== this.hass.locale ||
      before.services[DOMAIN] !== this.hass.services[DOMAIN] ||
      before.dockedSidebar !== this.hass.dockedSidebar ||
      before.kioskMode !== this.hass.kioskMode
    );
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("hass")) {
      this.loadWords();
      this.live.watch(this.hass.connection, { type: `${DOMAIN}/subscribe` });
    }
    this.followLock();
    if (this.words && (!this.onlyKept(changed) || !(this.ctx as Context | undefined))) {
      this.renewContext();
    }
  }

  private onlyKept(changed: PropertyValues): boolean {
    return (
      !changed.has("hass") && !changed.has("words") && this.ctx.connected === this.isConnectedNow
    );
  }

  private get isConnectedNow(): boolean {
    return this.live.state === "live";
  }

  private renewContext(): void {
    this.ctx = new Context(this.hass, this.words!, this.isConnectedNow, {
      confirm: (question) => this.confirm(question),
      announce: (text) => this.announce(text),
      navigate: (...path) => this.navigate(...path),
    });
  }

  private renew(): void {
    if (this.words) {
      this.renewContext();
      this.requestUpdate();
    }
  }

  private loadWords(): void {
    const { language, locale } = this.hass;
    const wanted = JSON.stringify([language, locale]);
    if (wanted !== this.spoken) {
      this.spoken = wanted;
      void Words.load(this.hass).then((words) => {
        // Keys are never shown: what could not be loaded is asked for again.
        if (wanted !== this.spoken) {
          return;
        }
        if (words.t("title")) {
          this.words = words;
        } else {
          setTimeout(() => {
            this.spoken = "";
            this.loadWords();
          }, 2000);
        }
      });
    }
  }

  // Where we are

  private get lock(): Lock | undefined {
    const locks = this.feed?.locks ?? [];
    const [lockId] = partsOf(this.route.path);
    if (lockId) {
      return locks.find((lock) => lock.lock_id === lockId);
    }
    const kept = keptLock();
    return locks.find((lock) => lock.lock_id === kept) ?? locks[0];
  }

  private get place(): Place {
    const [, place] = partsOf(this.route.path);
    return place && PLACES.includes(place) ? (place as Place) : "users";
  }

  private get user(): User | undefined {
    return this.lockUsers?.users[this.userId];
  }

  private get userId(): string {
    const [, id] = partsOf(this.route.path);
    return id && !PLACES.includes(id) ? id : "";
  }

  private followLock(): void {
    const lock = this.lock;
    if (!lock) {
      return;
    }
    if (lock.lock_id !== this.followed) {
      this.followed = lock.lock_id;
      this.lockUsers = undefined;
      this.search = "";
      keepLock(lock.lock_id);
    }
    this.lockLive.watch(this.hass.connection, {
      type: `${DOMAIN}/subscribe_lock`,
      lock_id: lock.lock_id,
    });
  }

  private followed = "";

  private navigate(...path: string[]): void {
    const [, id] = path;
    if (path.length === 1 && this.userId) {
      this.focusAfter = this.userId;
    }
    if (id !== this.added) {
      this.added = "";
    }
    goTo(pathOf(...path));
  }

  private focusAfter = "";

  private readonly popped = (): void => {
    if (this.userId) {
      this.focusAfter = this.userId;
    }
  };

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.focusAfter && !this.userId) {
      const userId = this.focusAfter;
      this.focusAfter = "";
      void this.list?.updateComplete.then(() => this.list?.focusUser(userId));
    }
  }

  // What it shows

  override render(): TemplateResult | typeof nothing {
    if (!this.words) {
      return nothing;
    }
    const { words } = this;
    if (this.hass.user?.is_admin === false || this.live.state === "unauthorized") {
      return html`${this.renderHeader()}
        <main><div class="empty">${icon("lock")}${words.t("states.unauthorized")}</div></main>`;
    }
    const beside = this.isWide && this.user;
    return html`${this.renderHeader()} ${this.renderBanners()}
      <div class="body ${beside ? "beside" : ""}">
        <main>${this.renderMain()}</main>
        ${this.renderSheet()}
      </div>
      ${
        this.adding && this.lock
          ? html`<tlu-add-user
              .ctx=${this.ctx}
              .lock=${this.lock}
              .users=${this.lockUsers ?? EMPTY}
              @added=${this.addedUser}
              @close=${() => (this.adding = false)}
            ></tlu-add-user>`
          : nothing
      }
      ${
        this.asked
          ? html`<tlu-confirm
              .ctx=${this.ctx}
              .question=${this.asked.question}
              .answer=${this.asked.answer}
            ></tlu-confirm>`
          : nothing
      }
      <div class="hidden-text" role="status" aria-live="polite">${this.said}</div>`;
  }

  private renderHeader(): TemplateResult {
    const words = this.words!;
    const { lock } = this;
    const single = this.feed?.locks.length === 1;
    const canSearch = lock && this.place === "users";
    return html`<header>
      ${
        this.searching && this.narrow
          ? nothing
          : html`${this.renderMenuButton()}
              <div class="title">
                <h1>${words.t("title")}</h1>
                ${single && lock ? html`<p><bdi>${lock.name}</bdi></p>` : nothing}
              </div>`
      }
      ${canSearch ? this.renderSearch() : nothing}
      ${lock && !(this.searching && this.narrow) ? this.renderTools(lock) : nothing}
    </header>`;
  }

  private renderMenuButton(): TemplateResult | typeof nothing {
    const { hass } = this;
    if (customElements.get("ha-menu-button")) {
      return html`<ha-menu-button .hass=${hass} .narrow=${this.narrow}></ha-menu-button>`;
    }
    if (hass.kioskMode || !(this.narrow || hass.dockedSidebar === "always_hidden")) {
      return nothing;
    }
    return html`<button
      class="icon-button"
      aria-label=${this.words!.t("common.sidebar")}
      @click=${() =>
        this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }))}
    >
      ${icon("menu")}
    </button>`;
  }

  private renderSearch(): TemplateResult {
    const words = this.words!;
    if (this.narrow && !this.searching) {
      return html`<button
        class="icon-button"
        aria-label=${words.t("users.search")}
        @click=${this.openSearch}
      >
        ${icon("search")}
      </button>`;
    }
    return html`<div class="search">
      ${icon("search", "small")}
      <input
        type="search"
        aria-label=${words.t("users.search")}
        placeholder=${words.t("users.search")}
        .value=${this.search}
        @keydown=${(event: KeyboardEvent) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            this.closeSearch();
          }
        }}
        @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
      />
      ${
        this.search || this.searching
          ? html`<button
              class="icon-button"
              aria-label=${words.t("common.clear_search")}
              @click=${this.closeSearch}
            >
              ${icon("close", "small")}
            </button>`
          : nothing
      }
    </div>`;
  }

  private async openSearch(): Promise<void> {
    this.searching = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".search input")?.focus();
  }

  private closeSearch(): void {
    this.search = "";
    this.searching = false;
  }

  private renderTools(lock: Lock): TemplateResult {
    const words = this.words!;
    const age = lock.read_at
      ? words.t("locks.read_at", { age: words.age(Date.parse(lock.read_at), Date.now()) })
      : words.t("locks.never_read");
    return html`<span class="age secondary">${age}</span>
      <button
        class="icon-button read"
        aria-label=${words.t("locks.read_now")}
        title="${words.t("locks.read_now")}: ${words.t("locks.read_now_cost")} ${age}"
        ?disabled=${!this.isConnectedNow || this.reading || lock.disabled}
        @click=${() => void this.readNow(lock)}
      >
        ${
          this.reading
            ? html`<span
                class="spinner"
                role="status"
                aria-label=${words.t("locks.reading")}
              ></span>`
            : icon("refresh")
        }
      </button>
      <div class="menu" @keydown=${this.menuKeyed} @focusout=${this.menuLeft}>
        <button
          class="icon-button"
          aria-label=${words.t("common.more")}
          aria-haspopup="menu"
          aria-expanded=${this.menuOpen ? "true" : "false"}
          @click=${this.toggleMenu}
        >
          ${icon("more")}
        </button>
        ${
          this.menuOpen
            ? html`<div role="menu" class="card">
                ${this.menuItem(words.t("locks.integration"), () =>
                  goTo(`/config/integrations/integration/${DOMAIN}`),
                )}
                ${
                  lock.device_id
                    ? this.menuItem(words.t("locks.activity"), () =>
                        goTo(`/config/devices/device/${lock.device_id}`),
                      )
                    : nothing
                }
                ${this.menuItem(words.t("locks.help"), () => void open(HELP, "_blank", "noreferrer"))}
              </div>`
            : nothing
        }
      </div>`;
  }

  private menuItem(label: string, act: () => void): TemplateResult {
    return html`<button
      role="menuitem"
      tabindex="-1"
      @click=${() => {
        this.menuOpen = false;
        act();
      }}
    >
      ${label}
    </button>`;
  }

  private async toggleMenu(): Promise<void> {
    this.menuOpen = !this.menuOpen;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }

  private menuKeyed(event: KeyboardEvent): void {
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('[role="menuitem"]')];
    const at = items.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    if (event.key === "Escape" && this.menuOpen) {
      this.menuOpen = false;
      this.renderRoot.querySelector<HTMLElement>(".menu > button")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      items[(at + step + items.length) % items.length]?.focus();
    }
  }

  private menuLeft(event: FocusEvent): void {
    if (!(event.currentTarget as HTMLElement).contains(event.relatedTarget as Node | null)) {
      this.menuOpen = false;
    }
  }

  private renderBanners(): TemplateResult | typeof nothing {
    const words = this.words!;
    const served = this.panel.config?.version;
    const isOld = served !== undefined && OWN_VERSION !== undefined && served !== OWN_VERSION;
    const isLost = this.live.state === "lost" || (this.feed && this.live.state === "waiting");
    if (!isOld && !isLost) {
      return nothing;
    }
    return html`<div class="banners">
      ${
        isOld
          ? html`<div class="note version">
              ${icon("info")}<span class="text">${words.t("states.new_version")}</span>
              <button class="button plain" @click=${() => location.reload()}>
                ${words.t("states.reload")}
              </button>
            </div>`
          : nothing
      }
      ${
        isLost
          ? html`<div class="note warning lost" role="alert">
              ${icon("cloudOff")}<span class="text">${words.t("states.lost")}</span>
            </div>`
          : nothing
      }
    </div>`;
  }

  private renderMain(): TemplateResult | typeof nothing {
    const words = this.words!;
    const { feed, lock } = this;
    if (!feed) {
      return this.renderSkeleton();
    }
    const notices = html`<tlu-notices
      .ctx=${this.ctx}
      .projects=${feed.projects}
      .lock=${this.place === "users" ? lock : undefined}
      .users=${this.lockUsers}
    ></tlu-notices>`;
    if (!feed.locks.length) {
      return html`<div class="page">
        ${notices}
        <div class="card empty">
          ${icon("lock")}
          <h2>${words.t("states.no_locks")}</h2>
          <p>${words.t("states.no_locks_text")}</p>
          <button
            class="button tonal"
            @click=${() => goTo(`/config/integrations/integration/${DOMAIN}`)}
          >
            ${words.t("notices.project_action")}
          </button>
        </div>
      </div>`;
    }
    return html`${
        feed.locks.length > 1
          ? html`<tlu-lock-chips
              .ctx=${this.ctx}
              .locks=${feed.locks}
              .current=${lock?.lock_id ?? ""}
            ></tlu-lock-chips>`
          : nothing
      }
      ${lock ? this.renderTabs(lock) : nothing}
      <div class="page">
        ${notices}
        ${
          lock
            ? this.renderPlace(lock)
            : html`<div class="card empty">
                ${icon("lock")}
                <h2>${words.t("states.not_found")}</h2>
              </div>`
        }
      </div>`;
  }

  private renderTabs(lock: Lock): TemplateResult | typeof nothing {
    const words = this.words!;
    const tabs = TABS.filter((tab) => !NEEDED[tab] || this.ctx.has(NEEDED[tab]));
    if (tabs.length === 1) {
      return nothing;
    }
    const here = this.place;
    return html`<nav class="tabs" aria-label=${words.t("locks.sections")}>
      ${tabs.map((tab) => {
        const isHere =
          here === tab || (tab === "users" && !(TABS as readonly string[]).includes(here));
        return html`<button
          aria-current=${isHere ? "page" : nothing}
          @click=${() => this.navigate(...(tab === "users" ? [lock.lock_id] : [lock.lock_id, tab]))}
        >
          ${words.t(`locks.tab_${tab}`)}
        </button>`;
      })}
    </nav>`;
  }

  private renderPlace(lock: Lock): TemplateResult | typeof nothing {
    const words = this.words!;
    const users = this.lockUsers;
    if (this.place === "passwords" && this.ctx.has("get_passwords")) {
      return html`<tlu-passwords
        .ctx=${this.ctx}
        .lock=${lock}
        .users=${users ?? EMPTY}
      ></tlu-passwords>`;
    }
    if (this.place === "history" && this.ctx.has("get_records")) {
      return html`<tlu-history
        .ctx=${this.ctx}
        .lock=${lock}
        .users=${users ?? EMPTY}
      ></tlu-history>`;
    }
    if (!users) {
      return this.renderSkeleton();
    }
    const back = html`<button class="button plain back" @click=${() => this.navigate(lock.lock_id)}>
      ${icon("back", "small mirrored")} ${words.t("common.back")}
    </button>`;
    switch (this.place) {
      case "unassigned":
        return html`${back}<tlu-tray .ctx=${this.ctx} .lock=${lock} .users=${users}></tlu-tray>`;
      case "absent":
        return html`${back}<tlu-absent-list
            .ctx=${this.ctx}
            .lock=${lock}
            .users=${users}
          ></tlu-absent-list>`;
      default:
        return this.renderUsers(lock, users);
    }
  }

  private renderUsers(lock: Lock, users: LockUsers): TemplateResult | typeof nothing {
    const words = this.words!;
    if (!lock.read_at && !users.order.length) {
      return lock.disabled
        ? nothing
        : html`<div class="card empty">
            ${icon("clock")}
            <h2>${words.t("states.never_read")}</h2>
            <p>${words.t("states.never_read_text")}</p>
          </div>`;
    }
    return html`<tlu-user-list
        .ctx=${this.ctx}
        .lock=${lock}
        .users=${users}
        .search=${this.search}
        .current=${this.userId}
      ></tlu-user-list>
      <button
        class="button filled add"
        ?disabled=${!this.isConnectedNow || lock.disabled}
        @click=${() => (this.adding = true)}
      >
        ${icon("plus")} ${words.t("users.add")}
      </button>`;
  }

  private renderSkeleton(): TemplateResult | typeof nothing {
    if (!this.isSlow) {
      return nothing;
    }
    return html`<div class="page" role="status">
      <span class="hidden-text">${this.words!.t("states.loading")}</span>
      <div class="card skeleton" aria-hidden="true">
        ${[1, 2, 3, 4].map(() => html`<div><span></span><span></span></div>`)}
      </div>
    </div>`;
  }

  private renderSheet(): TemplateResult | typeof nothing {
    const { lock, lockUsers: users, userId } = this;
    const words = this.words!;
    if (!lock || !userId || !users) {
      return nothing;
    }
    const { user } = this;
    if (!user) {
      // A user that was added a moment ago comes with the next message.
      return userId === this.added
        ? nothing
        : html`<tlu-dialog
            .ctx=${this.ctx}
            .heading=${words.t("states.user_gone")}
            @close=${this.closeSheet}
          ></tlu-dialog>`;
    }
    const name = words.user(user);
    const kind =
      user.user_type === "owner" || user.user_type === "admin"
        ? words.t(`users.${user.user_type}`)
        : "";
    const sheet = html`<tlu-user-sheet
      .ctx=${this.ctx}
      .lock=${lock}
      .users=${users}
      .user=${user}
      ?fresh=${userId === this.added}
    ></tlu-user-sheet>`;
    if (!this.isWide) {
      return html`<tlu-dialog full .ctx=${this.ctx} .heading=${name} @close=${this.closeSheet}>
        <span slot="lead">${avatar(name)}</span>
        <span slot="subtitle" class="secondary">${kind}</span>
        ${sheet}
      </tlu-dialog>`;
    }
    return html`<aside
      class="card"
      aria-labelledby="sheet"
      @keydown=${(event: KeyboardEvent) => {
        event.stopPropagation();
        if (event.key === "Escape") {
          void this.closeSheet();
        }
      }}
    >
      <div class="sheet-head">
        ${avatar(name)}
        <div class="title">
          <h2 id="sheet"><bdi>${name}</bdi></h2>
          <span class="secondary">${kind}</span>
        </div>
        <button class="icon-button" aria-label=${words.t("common.close")} @click=${this.closeSheet}>
          ${icon("close")}
        </button>
      </div>
      <div class="sheet-body">${sheet}</div>
    </aside>`;
  }

  private async closeSheet(): Promise<void> {
    const words = this.words!;
    const { sheet, user } = this;
    if (sheet?.isDirty && user) {
      const sure = await this.confirm({
        title: words.t("dialogs.discard_title"),
        text: words.t("dialogs.discard_text", { user: words.user(user) }),
        action: words.t("common.discard"),
      });
      if (!sure) {
        return;
      }
      sheet.discard();
    }
    if (this.lock) {
      this.navigate(this.lock.lock_id);
    }
  }

  // What it does

  private addedUser(event: CustomEvent<string>): void {
    this.adding = false;
    this.added = event.detail;
    this.navigate(this.lock!.lock_id, event.detail);
  }

  private async readNow(lock: Lock): Promise<void> {
    const words = this.words!;
    this.reading = true;
    try {
      await this.hass.callWS({ type: `${DOMAIN}/refresh`, lock_id: lock.lock_id });
      this.announce(words.t("locks.read_done", { lock: lock.name }));
    } catch (err) {
      this.announce((await actionError(this.hass, words, err)).message);
    } finally {
      this.reading = false;
    }
  }

  private confirm(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
      this.asked = {
        question,
        answer: (sure) => {
          this.asked = undefined;
          resolve(sure);
        },
      };
    });
  }

  private announce(text: string): void {
    this.said = text;
    this.dispatchEvent(
      new CustomEvent("hass-notification", {
        detail: { message: text, duration: 5000 },
        bubbles: true,
        composed: true,
      }),
    );
  }

  static override styles = [
    shared,
    avatarStyles,
    css`
      :host {
        display: block;
        min-height: 100%;
        background: var(--primary-background-color, #fafafa);
      }

      header {
        position: sticky;
        top: 0;
        z-index: 4;
        display: flex;
        align-items: center;
        gap: 4px;
        height: var(--header-height, 56px);
        padding-inline: 12px;
        color: var(--app-header-text-color, #fff);
        background: var(--app-header-background-color, var(--primary-color, #009ac7));
        border-bottom: var(--app-header-border-bottom, none);
      }

      header .secondary {
        color: inherit;
        opacity: 0.8;
      }

      .title {
        flex: 1;
        min-width: 0;
        padding-inline-start: 8px;
      }

      h1 {
        font-size: 20px;
        line-height: 24px;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      header p {
        font-size: 13px;
        line-height: 16px;
        opacity: 0.8;
      }

      .search {
        display: flex;
        align-items: center;
        gap: 8px;
        flex: 0 1 320px;
        height: 40px;
        padding-inline: 12px 0;
        border-radius: 20px;
        background: color-mix(in srgb, currentColor 10%, transparent);
      }

      .search input {
        flex: 1;
        min-width: 0;
        height: 100%;
        font: inherit;
        font-size: 16px;
        color: inherit;
        background: none;
        border: none;
        outline: none;
      }

      .search:focus-within {
        outline: 2px solid currentColor;
      }

      .search input::placeholder {
        color: inherit;
        opacity: 0.75;
      }

      .search input::-webkit-search-cancel-button {
        display: none;
      }

      .search .icon-button {
        width: 40px;
        height: 40px;
      }

      .age {
        margin-inline-start: 8px;
        white-space: nowrap;
      }

      .menu {
        position: relative;
      }

      [role="menu"] {
        position: absolute;
        inset-inline-end: 0;
        top: 44px;
        min-width: 220px;
        padding: 8px;
        color: var(--primary-text-color, #212121);
        box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
      }

      [role="menuitem"] {
        display: block;
        width: 100%;
        min-height: 44px;
        padding: 8px 12px;
        border-radius: 8px;
        text-align: start;
        white-space: nowrap;
      }

      [role="menuitem"]:hover,
      [role="menuitem"]:focus-visible {
        background: var(--tlu-hover);
      }

      .body {
        display: block;
      }

      .body.beside {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(440px, 520px);
      }

      .banners,
      .page {
        max-width: 1000px;
        margin: 0 auto;
        padding: 16px;
      }

      .banners {
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding-bottom: 0;
      }

      .page {
        padding-bottom: 96px;
      }

      .skeleton {
        max-width: 968px;
        margin: 0 auto;
      }

      main > .page > .page {
        padding: 0;
      }

      tlu-lock-chips,
      .tabs {
        max-width: 1000px;
        margin: 0 auto;
      }

      .tabs {
        display: flex;
        padding-inline: 16px;
        border-bottom: 1px solid var(--tlu-line);
        overflow-x: auto;
        scrollbar-width: none;
      }

      .tabs button {
        min-height: 48px;
        padding: 0 16px;
        border-bottom: 2px solid transparent;
        font-weight: 500;
        color: var(--secondary-text-color, #727272);
      }

      .tabs button[aria-current] {
        color: var(--primary-text-color, #212121);
        border-color: var(--primary-color, #009ac7);
      }

      .tabs button:focus-visible {
        outline-offset: -3px;
      }

      .back {
        margin: -8px 0 8px -12px;
      }

      .add {
        position: fixed;
        z-index: 3;
        inset-block-end: calc(16px + var(--safe-area-inset-bottom, 0px));
        inset-inline-end: calc(16px + var(--safe-area-inset-right, 0px));
        min-height: 56px;
        padding-inline: 20px 24px;
        box-shadow: 0 3px 12px rgb(0 0 0 / 30%);
      }

      .beside .add {
        inset-inline-end: 536px;
      }

      aside {
        position: sticky;
        top: calc(var(--header-height, 56px) + 16px);
        display: flex;
        flex-direction: column;
        height: calc(100dvh - var(--header-height, 56px) - 32px);
        margin: 16px 16px 16px 0;
        margin-inline: 0 16px;
        overflow: hidden;
      }

      .sheet-head {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 16px 12px 12px 24px;
        padding-inline: 24px 12px;
      }

      .sheet-head h2 {
        font-size: 22px;
        line-height: 28px;
        overflow-wrap: anywhere;
      }

      .sheet-body {
        flex: 1;
        min-height: 0;
        padding: 8px 24px 24px;
        overflow: auto;
        --sheet-padding: 24px;
      }

      .skeleton > div {
        display: flex;
        align-items: center;
        gap: 16px;
        height: 72px;
        padding: 0 16px;
      }

      .skeleton span {
        height: 16px;
        width: 40%;
        border-radius: 8px;
        background: color-mix(in srgb, var(--primary-text-color, #212121) 10%, transparent);
        animation: pulse 1.5s ease-in-out infinite;
      }

      .skeleton span:first-child {
        width: 40px;
        height: 40px;
        border-radius: 50%;
      }

      @keyframes pulse {
        50% {
          opacity: 0.4;
        }
      }

      @media (max-width: 870px) {
        .age {
          display: none;
        }
      }

      @media (max-width: 600px) {
        header {
          padding-inline: 4px;
        }

        .search {
          flex: 1;
        }

        .banners,
        .page {
          padding-inline: 8px;
        }

        tlu-user-sheet {
          --sheet-padding: 16px;
        }
      }
    `,
  ];
}

/** What is known after a message; parts that did not change stay the same objects. */
export const merge = (known: LockUsers, message: LockMessage): LockUsers => {
  const users = { ...known.users, ...message.users };
  for (const id of message.gone ?? []) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record by id
    delete users[id];
  }
  return {
    users,
    order: message.order ?? known.order,
    absent: message.absent === undefined ? known.absent : message.absent,
    unassigned: message.unassigned === undefined ? known.unassigned : message.unassigned,
    enrollment: message.enrollment === undefined ? known.enrollment : message.enrollment,
  };
};
