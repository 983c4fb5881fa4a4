import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { usersOf } from "../merge";
import { pathOf } from "../navigate";
import { ACCESS, type User } from "../types";
import { isPending } from "./user-row";
import "./user-row";

const FILTERS = ["all", "allowed", "limited", "closed", "pending"] as const;
type Filter = (typeof FILTERS)[number];

const TESTS: Record<Filter, (user: User) => boolean> = {
  all: () => true,
  allowed: (user) => user.access === "allowed",
  limited: (user) => user.schedule?.permanent === false,
  closed: (user) => user.access === "suspended" || user.access === "expired",
  pending: isPending,
};

const ORDER: readonly string[] = ACCESS;

/** All users of a lock: searched, filtered, and sorted without a call. */
@define("tlu-user-list")
export class UserList extends LockElement {
  @property() search = "";
  @property() current = "";

  @state() private filter: Filter = "all";
  @state() private byAccess = false;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const all = usersOf(this.users);
    const found = this.#found(all);
    return html`<section aria-label=${words.t("users.list")}>
      <div class="bar">
        <div class="filters" role="group" aria-label=${words.t("users.filter")}>
          ${FILTERS.map((filter) => {
            const count = all.filter(TESTS[filter]).length;
            return filter === "all" || count || filter === this.filter
              ? html`<button
                  class="chip"
                  aria-pressed=${this.filter === filter}
                  @click=${() => (this.filter = filter)}
                >
                  ${words.t(`users.filter_${filter}`)}
                  <span class="secondary">${words.number(count)}</span>
                </button>`
              : nothing;
          })}
        </div>
        <button class="button plain sort" @click=${() => (this.byAccess = !this.byAccess)}>
          ${icon("sort", "small")}
          ${words.t(this.byAccess ? "users.sort_access" : "users.sort_name")}
        </button>
      </div>
      ${
        found.length
          ? html`<ul class="card rows">
              ${found.map(
                (user) =>
                  html`<li>
                    <tlu-user-row
                      .ctx=${this.ctx}
                      .lock=${this.lock}
                      .user=${user}
                      .href=${pathOf(this.lock.lock_id, user.user_id)}
                      ?selected=${user.user_id === this.current}
                      data-user=${user.user_id}
                    ></tlu-user-row>
                  </li>`,
              )}
            </ul>`
          : html`<div class="card empty">
              ${icon("account")}
              <h2>${words.t(all.length ? "states.no_match" : "states.no_users")}</h2>
              ${all.length ? nothing : html`<p>${words.t("states.no_users_text")}</p>`}
            </div>`
      }
    </section>`;
  }

  #focusedBefore: string | undefined;

  /** Whose row has the focus. */
  get #focused(): string | undefined {
    return (this.shadowRoot?.activeElement as HTMLElement | null)?.dataset.user;
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.#focusedBefore = this.#focused;
  }

  /** Rows are used again when their order changes, but the focus stays with its user. */
  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.#focusedBefore && this.#focused !== this.#focusedBefore) {
      this.focusUser(this.#focusedBefore);
    }
  }

  /** Give the focus back to a row whose sheet was closed. */
  focusUser(userId: string): void {
    this.renderRoot
      .querySelector<HTMLElement>(`tlu-user-row[data-user="${CSS.escape(userId)}"]`)
      ?.focus();
  }

  #found(all: User[]): User[] {
    const { words } = this.ctx;
    const wanted = this.search.trim().toLocaleLowerCase();
    return all
      .filter(TESTS[this.filter])
      .filter((user) => words.user(user).toLocaleLowerCase().includes(wanted))
      .sort(
        (a, b) =>
          (this.byAccess ? ORDER.indexOf(a.access ?? "") - ORDER.indexOf(b.access ?? "") : 0) ||
          words.byName(a, b),
      );
  }

  static override styles = [
    ...LockElement.styles,
    css`
      section {
        container-type: inline-size;
      }

      .bar {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-bottom: 12px;
      }

      .filters {
        display: flex;
        gap: 8px;
        flex: 1;
        min-width: 0;
        overflow-x: auto;
        scrollbar-width: none;
        padding: 3px;
        margin: -3px;
      }

      .sort {
        flex: none;
      }

      ul {
        overflow: hidden;
      }

      .rows > li {
        display: block;
        padding: 0;
        container-type: inline-size;
      }
    `,
  ];
}
