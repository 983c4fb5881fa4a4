import { css, html, nothing, type TemplateResult } from "lit";
import { Element, type LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { EMPTY } from "../merge";
import { goTo } from "../navigate";
import { empty, loading } from "../parts";
import { TABS, type Place, type Tab } from "../place";
import { DOMAIN, type Feed, type Lock, type LockUsers } from "../types";
import type { UserList } from "./user-list";
import "./absent-list";
import "./history";
import "./lock-chips";
import "./notices";
import "./passwords";
import "./tray";
import "./user-list";

/** The action without which a tab has nothing to show. */
const NEEDED: Partial<Record<Tab, string>> = {
  passwords: "get_passwords",
  history: "get_records",
};

/** The page below the bar: locks, tabs, notices, and the place. Fires `add`. */
@define("tlu-page")
export class PanelPage extends Element {
  @property() feed: Feed | undefined;
  @property() lock: Lock | undefined;
  @property() users: LockUsers | undefined;
  @property() place: Place = "users";
  @property() search = "";
  /** The user whose sheet is open. */
  @property() current = "";

  /** Whether loading takes long enough to be shown. */
  @state() private isSlow = false;

  override connectedCallback(): void {
    super.connectedCallback();
    setTimeout(() => (this.isSlow = true), 300);
  }

  /** Give the focus back to the row of a user. */
  async focusUser(userId: string): Promise<void> {
    await this.updateComplete;
    const list = this.renderRoot.querySelector<UserList>("tlu-user-list");
    await list?.updateComplete;
    list?.focusUser(userId);
  }

  override render(): TemplateResult | typeof nothing {
    const { words } = this.ctx;
    const { feed, lock } = this;
    if (!feed) {
      return this.#renderLoading();
    }
    const notices = html`<tlu-notices
      .ctx=${this.ctx}
      .projects=${feed.projects}
      .lock=${this.place === "users" ? lock : undefined}
      .users=${this.users}
    ></tlu-notices>`;
    // A project that is not loaded may have locks.
    if (!feed.locks.length && feed.projects.some(({ state }) => state !== "loaded")) {
      return feed.projects.some(({ state }) => state === "setup_in_progress")
        ? this.#renderLoading()
        : html`<div class="page">${notices}</div>`;
    }
    if (!feed.locks.length) {
      return html`<div class="page">
        ${notices}
        ${empty(
          "lock",
          words.t("states.no_locks"),
          html`<p>${words.t("states.no_locks_text")}</p>
            <button
              class="button tonal"
              @click=${() => goTo(`/config/integrations/integration/${DOMAIN}`)}
            >
              ${words.t("notices.project_action")}
            </button>`,
        )}
      </div>`;
    }
    return html`${
        feed.locks.length > 1
          ? html`<tlu-lock-chips
              .ctx=${this.ctx}
              .locks=${feed.locks}
              .current=${lock?.lock_id ?? ""}
              .tab=${this.#tab}
            ></tlu-lock-chips>`
          : nothing
      }
      ${lock ? this.#renderTabs(lock) : nothing}
      <div class="page">
        ${notices} ${lock ? this.#renderPlace(lock) : empty("lock", words.t("states.not_found"))}
      </div>`;
  }

  /** The tab in an address; the users, and what is below them, have none. */
  get #tab(): string {
    return this.place in NEEDED ? this.place : "";
  }

  #renderTabs(lock: Lock): TemplateResult | typeof nothing {
    const { words } = this.ctx;
    const tabs = TABS.filter((tab) => !NEEDED[tab] || this.has(NEEDED[tab]));
    if (tabs.length === 1) {
      return nothing;
    }
    return html`<nav class="tabs" aria-label=${words.t("locks.sections")}>
      ${tabs.map(
        (tab) =>
          html`<button
            aria-current=${(this.#tab || "users") === tab ? "page" : nothing}
            @click=${() => this.ctx.navigate(lock.lock_id, tab === "users" ? "" : tab)}
          >
            ${words.t(`locks.tab_${tab}`)}
          </button>`,
      )}
    </nav>`;
  }

  #reader: LockElement | undefined;

  /** The data of a lock is never shown for another one: each has its own element. */
  #readerOf(name: string, lock: Lock): LockElement {
    if (this.#reader?.localName !== name || this.#reader.lock.lock_id !== lock.lock_id) {
      this.#reader = document.createElement(name) as LockElement;
    }
    return Object.assign(this.#reader, { ctx: this.ctx, lock, users: this.users ?? EMPTY });
  }

  #renderPlace(lock: Lock): LockElement | TemplateResult | typeof nothing {
    const { ctx, users } = this;
    const action = NEEDED[this.place as Tab];
    if (action && this.has(action)) {
      return this.#readerOf(`tlu-${this.place}`, lock);
    }
    this.#reader = undefined;
    if (!users) {
      return this.#renderLoading();
    }
    const back = html`<button
      class="button plain flush back"
      @click=${() => ctx.navigate(lock.lock_id)}
    >
      ${icon("back", "small mirrored")} ${ctx.words.t("common.back")}
    </button>`;
    switch (this.place) {
      case "unassigned":
        return html`${back}<tlu-tray .ctx=${ctx} .lock=${lock} .users=${users}></tlu-tray>`;
      case "absent":
        return html`${back}<tlu-absent-list
            .ctx=${ctx}
            .lock=${lock}
            .users=${users}
          ></tlu-absent-list>`;
      default:
        return this.#renderUsers(lock, users);
    }
  }

  #renderUsers(lock: Lock, users: LockUsers): TemplateResult | typeof nothing {
    const { ctx } = this;
    if (!lock.read_at && !users.order.length) {
      return lock.disabled
        ? nothing
        : empty(
            "clock",
            ctx.words.t("states.never_read"),
            html`<p>${ctx.words.t("states.never_read_text")}</p>`,
          );
    }
    return html`<tlu-user-list
        .ctx=${ctx}
        .lock=${lock}
        .users=${users}
        .search=${this.search}
        .current=${this.current}
      ></tlu-user-list>
      <button
        class="button filled add"
        ?disabled=${!ctx.connected || lock.disabled}
        @click=${() => this.fire("add")}
      >
        ${icon("plus")} ${ctx.words.t("users.add")}
      </button>`;
  }

  #renderLoading(): TemplateResult | typeof nothing {
    return this.isSlow ? loading(this.ctx.words) : nothing;
  }

  static override styles = [
    ...Element.styles,
    css`
      .page,
      tlu-lock-chips,
      .tabs {
        max-width: 1000px;
        margin: 0 auto;
      }

      .page {
        padding: 16px 16px 96px;
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
        font-weight: 500;
        color: var(--tlu-second);
      }

      .tabs [aria-current] {
        color: var(--tlu-text);
        border-bottom: 2px solid var(--tlu-main);
        padding-top: 2px;
      }

      .tabs :focus-visible {
        outline-offset: -3px;
      }

      .back {
        margin-block: -8px 8px;
      }

      .add {
        position: fixed;
        z-index: 3;
        inset-block-end: calc(16px + var(--safe-area-inset-bottom, 0px));
        inset-inline-end: calc(16px + var(--beside, var(--safe-area-inset-right, 0px)));
        min-height: 56px;
        padding-inline: 20px 24px;
        box-shadow: 0 3px 12px rgb(0 0 0 / 30%);
      }

      @media (max-width: 600px) {
        .page {
          padding-inline: 8px;
        }
      }
    `,
  ];
}
