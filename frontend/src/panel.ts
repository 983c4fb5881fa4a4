/** The panel "Lock users". */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { LitElement } from "lit";
import { Context, type Question } from "./base";
import { define, property, state } from "./define";
import { icon } from "./icons";
import { Live } from "./live";
import { goTo, partsOf, pathOf } from "./navigate";
import { note } from "./parts";
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
import { avatar, avatarStyles } from "./elements/avatar";
import "./elements/absent-list";
import "./elements/add-user";
import "./elements/confirm";
import "./elements/dialog";
import "./elements/history";
import "./elements/lock-chips";
import "./elements/notices";
import "./elements/passwords";
import "./elements/top-bar";
import "./elements/tray";
import "./elements/user-list";
import "./elements/user-sheet";

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

const userIn = (path: string): string => {
  const [, id] = partsOf(path);
  return id && !PLACES.includes(id) ? id : "";
};

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
  @state() private adding = false;
  @state() private added = "";
  @state() private asked: Asked | undefined;
  @state() private said = "";
  @state() private isWide = false;
  /** Whether it takes long enough to show that something loads. */
  @state() private isSlow = false;

  private get sheet(): UserSheet | null {
    return this.renderRoot.querySelector("tlu-user-sheet");
  }
  private get list(): UserList | null {
    return this.renderRoot.querySelector("tlu-user-list");
  }

  private ctx!: Context;
  private spoken = "";
  private ticker: ReturnType<typeof setInterval> | undefined;
  private resizes = new ResizeObserver(([entry]) => {
    // Not at once: what it changes would be observed again.
    requestAnimationFrame(() => (this.isWide = (entry?.contentRect.width ?? 0) >= BESIDE));
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
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizes.disconnect();
    clearInterval(this.ticker);
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
    const left = (changed.get("route") as { path: string } | undefined)?.path;
    if (left !== undefined && !this.userId) {
      this.focusAfter = userIn(left);
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
    return userIn(this.route.path);
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
    if (id !== this.added) {
      this.added = "";
    }
    goTo(pathOf(...path));
  }

  /** Whose sheet was closed: the focus goes back to the row. */
  private focusAfter = "";

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
      return html`${this.renderBar()}
        <main><div class="empty">${icon("lock")}${words.t("states.unauthorized")}</div></main>`;
    }
    const beside = this.isWide && this.user;
    return html`${this.renderBar()} ${this.renderBanners()}
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

  private renderBar(): TemplateResult {
    return html`<tlu-top-bar
      .ctx=${this.ctx}
      .lock=${this.lock}
      .named=${this.feed?.locks.length === 1}
      .narrow=${this.narrow}
      .searchable=${this.place === "users"}
      .search=${this.search}
      @searched=${(event: CustomEvent<string>) => (this.search = event.detail)}
    ></tlu-top-bar>`;
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
          ? note(
              "info",
              words.t("states.new_version"),
              html`<button class="button plain reload" @click=${() => location.reload()}>
                ${words.t("states.reload")}
              </button>`,
            )
          : nothing
      }
      ${isLost ? note("warning", words.t("states.lost"), nothing, "offline") : nothing}
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
    return html`<tlu-dialog
      full
      ?beside=${this.isWide}
      .ctx=${this.ctx}
      .heading=${name}
      @close=${this.closeSheet}
    >
      <span slot="lead">${avatar(name)}</span>
      <span slot="subtitle" class="secondary">${kind}</span>
      <tlu-user-sheet
        .ctx=${this.ctx}
        .lock=${lock}
        .users=${users}
        .user=${user}
        ?fresh=${userId === this.added}
      ></tlu-user-sheet>
    </tlu-dialog>`;
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
        padding-block: 8px 96px;
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
        color: var(--tlu-second);
      }

      .tabs button[aria-current] {
        color: var(--tlu-text);
        border-color: var(--tlu-main);
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

      tlu-dialog[beside] {
        position: sticky;
        top: calc(var(--header-height, 56px) + 16px);
        height: calc(100dvh - var(--header-height, 56px) - 32px);
        margin: 16px;
        margin-inline-start: 0;
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
        background: color-mix(in srgb, var(--tlu-text) 10%, transparent);
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

      @media (max-width: 600px) {
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
