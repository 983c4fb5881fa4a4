/** The panel "Lock users". */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Context, Question } from "./base";
import { define, property, state } from "./define";
import { Live } from "./live";
import { EMPTY, merge } from "./merge";
import { goTo, pathOf } from "./navigate";
import { empty, note } from "./parts";
import { keepLock, lockIn, placeIn, userIn, type Place } from "./place";
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
import type { PanelPage } from "./elements/page";
import type { UserSheet } from "./elements/user-sheet";
import { avatar, avatarStyles } from "./elements/avatar";
import "./elements/add-user";
import "./elements/confirm";
import "./elements/dialog";
import "./elements/page";
import "./elements/top-bar";
import "./elements/user-sheet";

/** From this width on, the sheet is beside the list. */
const BESIDE = 1100;

/** The version of this bundle: the folder it was loaded from. */
const OWN_VERSION = new URL(import.meta.url).pathname.split("/").at(-2);

interface Asked {
  question: Question;
  answer: (sure: boolean) => void;
}

@define("tuya-lock-users-panel")
export class TuyaLockUsersPanel extends LitElement {
  @property() hass!: HomeAssistant;
  @property({ type: Boolean }) narrow = false;
  @property() route: { path: string } = { path: "" };
  @property() panel: { config?: { version?: string } } = {};

  @state() private words: Words | undefined;
  @state() private feed: Feed | undefined;
  @state() private lockUsers: LockUsers | undefined;
  @state() private search = "";
  @state() private adding = false;
  @state() private added = "";
  @state() private asked: Asked | undefined;
  @state() private said = "";
  @state() private isWide = false;
  @state() private ticks = 0;

  get #sheet(): UserSheet | null {
    return this.renderRoot.querySelector("tlu-user-sheet");
  }
  get #page(): PanelPage | null {
    return this.renderRoot.querySelector("tlu-page");
  }

  #ctx!: Context;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #resizes = new ResizeObserver(([entry]) => {
    // Not at once: what it changes would be observed again.
    requestAnimationFrame(() => (this.isWide = (entry?.contentRect.width ?? 0) >= BESIDE));
  });

  readonly #live = new Live<Feed>(this, (feed) => (this.feed = feed));
  readonly #lockLive = new Live<LockMessage>(this, (message, first) => {
    this.lockUsers = merge(first ? EMPTY : (this.lockUsers ?? EMPTY), message);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resizes.observe(this);
    // Ages and next changes go on by themselves.
    this.#ticker = setInterval(() => this.ticks++, 30_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
    clearInterval(this.#ticker);
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
      void Words.load(() => this.hass).then((words) => (this.words = words));
      this.#live.watch(this.hass.connection, { type: `${DOMAIN}/subscribe` });
    }
    const left = (changed.get("route") as { path: string } | undefined)?.path;
    if (left !== undefined && !this.#userId) {
      this.#focusAfter = userIn(left);
    }
    this.#followLock();
    const { hass, words } = this;
    const connected = this.#live.state === "live";
    // The same for as long as it holds, so that rows are not rendered again.
    if (
      words &&
      (changed.has("hass") ||
        changed.has("words") ||
        changed.has("ticks") ||
        connected !== this.#ctx.connected)
    ) {
      this.#ctx = {
        hass,
        words,
        connected,
        confirm: this.#confirm,
        announce: this.#announce,
        navigate: this.#navigate,
      };
    }
  }

  // Where we are

  get #lock(): Lock | undefined {
    return lockIn(this.route.path, this.feed?.locks ?? []);
  }

  get #place(): Place {
    return placeIn(this.route.path);
  }

  get #user(): User | undefined {
    return this.lockUsers?.users[this.#userId];
  }

  get #userId(): string {
    return userIn(this.route.path);
  }

  #followLock(): void {
    const lock = this.#lock;
    if (!lock) {
      return;
    }
    if (lock.lock_id !== this.#followed) {
      this.#followed = lock.lock_id;
      this.lockUsers = undefined;
      this.search = "";
      keepLock(lock.lock_id);
    }
    this.#lockLive.watch(this.hass.connection, {
      type: `${DOMAIN}/subscribe_lock`,
      lock_id: lock.lock_id,
    });
  }

  #followed = "";

  readonly #navigate = (...path: string[]): void => {
    const [, id] = path;
    if (id !== this.added) {
      this.added = "";
    }
    goTo(pathOf(...path));
  };

  /** The user of the closed sheet: the focus returns to the row. */
  #focusAfter = "";

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.#focusAfter && !this.#userId) {
      const userId = this.#focusAfter;
      this.#focusAfter = "";
      void this.#page?.focusUser(userId);
    }
  }

  // What it shows

  override render(): TemplateResult | typeof nothing {
    if (!this.words) {
      return nothing;
    }
    const { words } = this;
    if (this.hass.user?.is_admin === false || this.#live.state === "unauthorized") {
      return html`${this.#renderBar()}
        <main>${empty("lock", words.t("states.unauthorized"))}</main>`;
    }
    const beside = this.isWide && this.#user;
    return html`${this.#renderBar()} ${this.#renderBanners()}
      <div class="body ${beside ? "beside" : ""}">
        <main>
          <tlu-page
            .ctx=${this.#ctx}
            .feed=${this.feed}
            .lock=${this.#lock}
            .users=${this.lockUsers}
            .place=${this.#place}
            .search=${this.search}
            .current=${this.#userId}
            @add=${() => (this.adding = true)}
          ></tlu-page>
        </main>
        ${this.#renderSheet()}
      </div>
      ${
        this.adding && this.#lock
          ? html`<tlu-add-user
              .ctx=${this.#ctx}
              .lock=${this.#lock}
              .users=${this.lockUsers ?? EMPTY}
              @added=${this.#addedUser}
              @close=${() => (this.adding = false)}
            ></tlu-add-user>`
          : nothing
      }
      ${
        this.asked
          ? html`<tlu-confirm
              .ctx=${this.#ctx}
              .question=${this.asked.question}
              .answer=${this.asked.answer}
            ></tlu-confirm>`
          : nothing
      }
      <div class="hidden-text" role="status" aria-live="polite">${this.said}</div>`;
  }

  #renderBar(): TemplateResult {
    return html`<tlu-top-bar
      .ctx=${this.#ctx}
      .lock=${this.#lock}
      .named=${this.feed?.locks.length === 1}
      .narrow=${this.narrow}
      .searchable=${this.#place === "users"}
      .search=${this.search}
      @searched=${(event: CustomEvent<string>) => (this.search = event.detail)}
    ></tlu-top-bar>`;
  }

  #renderBanners(): TemplateResult | typeof nothing {
    const words = this.words!;
    const served = this.panel.config?.version;
    const isOld = served !== undefined && OWN_VERSION !== undefined && served !== OWN_VERSION;
    const isLost = this.#live.state === "lost" || (this.feed && this.#live.state === "waiting");
    if (!isOld && !isLost) {
      return nothing;
    }
    return html`<div class="banners stack">
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

  #renderSheet(): TemplateResult | typeof nothing {
    const { lockUsers: users } = this;
    const lock = this.#lock;
    const userId = this.#userId;
    const words = this.words!;
    if (!lock || !userId || !users) {
      return nothing;
    }
    const user = this.#user;
    if (!user) {
      // A user just added is in the next message.
      return userId === this.added
        ? nothing
        : html`<tlu-dialog
            .ctx=${this.#ctx}
            .heading=${words.t("states.user_gone")}
            @close=${this.#closeSheet}
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
      .ctx=${this.#ctx}
      .heading=${name}
      @close=${this.#closeSheet}
    >
      <span slot="lead">${avatar(name)}</span>
      <span slot="subtitle" class="secondary">${kind}</span>
      <tlu-user-sheet
        .ctx=${this.#ctx}
        .lock=${lock}
        .users=${users}
        .user=${user}
        ?fresh=${userId === this.added}
      ></tlu-user-sheet>
    </tlu-dialog>`;
  }

  async #closeSheet(): Promise<void> {
    const words = this.words!;
    const sheet = this.#sheet;
    const user = this.#user;
    if (sheet?.isDirty && user) {
      const sure = await this.#confirm({
        title: words.t("dialogs.discard_title"),
        text: words.t("dialogs.discard_text", { user: words.user(user) }),
        action: words.t("common.discard"),
      });
      if (!sure) {
        return;
      }
      sheet.discard();
    }
    if (this.#lock) {
      this.#navigate(this.#lock.lock_id);
    }
  }

  // What it does

  #addedUser(event: CustomEvent<string>): void {
    this.adding = false;
    this.added = event.detail;
    this.#navigate(this.#lock!.lock_id, event.detail);
  }

  readonly #confirm = (question: Question): Promise<boolean> =>
    new Promise((resolve) => {
      this.asked = {
        question,
        answer: (sure) => {
          this.asked = undefined;
          resolve(sure);
        },
      };
    });

  readonly #announce = (text: string): void => {
    this.said = text;
    this.dispatchEvent(
      new CustomEvent("hass-notification", {
        detail: { message: text, duration: 5000 },
        bubbles: true,
        composed: true,
      }),
    );
  };

  static override styles = [
    shared,
    avatarStyles,
    css`
      :host {
        min-height: 100%;
        background: var(--primary-background-color, #fafafa);
      }

      .body {
        display: block;
      }

      .body.beside {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 520px;
        --beside: 520px;
      }

      .banners {
        gap: 8px;
        max-width: 1000px;
        margin: 0 auto;
        padding: 16px 16px 0;
      }

      tlu-dialog[beside] {
        position: sticky;
        top: calc(var(--header-height, 56px) + 16px);
        height: calc(100dvh - var(--header-height, 56px) - 32px);
        margin: 16px;
        margin-inline-start: 0;
      }

      @media (max-width: 600px) {
        .banners {
          padding-inline: 8px;
        }

        tlu-user-sheet {
          --sheet-padding: 16px;
        }
      }
    `,
  ];
}
