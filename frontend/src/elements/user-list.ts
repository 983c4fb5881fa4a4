import { css, html, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { usersOf } from "../merge";
import { pathOf } from "../navigate";
import { choices, empty } from "../parts";
import { rows } from "../rows";
import { ACCESS, type User } from "../types";
import { deliveryOf } from "./user-row";
import "./user-row";

const FILTERS = ["all", "allowed", "limited", "closed", "pending"] as const;
type Filter = (typeof FILTERS)[number];

const TESTS: Record<Filter, (user: User) => boolean> = {
  all: () => true,
  allowed: (user) => user.access === "allowed",
  limited: (user) => user.schedule?.permanent === false,
  closed: (user) => user.access === "suspended" || user.access === "expired",
  pending: (user) => deliveryOf(user) === "ongoing",
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
        <div class="filters">
          ${choices(
            words.t("users.filter"),
            FILTERS.flatMap((value) => {
              const count = all.filter(TESTS[value]).length;
              const label = html`${words.t(`users.filter_${value}`)}
                <span class="secondary">${words.number(count)}</span>`;
              return value === "all" || count || value === this.filter ? [{ value, label }] : [];
            }),
            this.filter,
            (filter) => (this.filter = filter),
          )}
        </div>
        <button class="button plain sort" @click=${() => (this.byAccess = !this.byAccess)}>
          ${icon("sort", "small")}
          ${words.t(this.byAccess ? "users.sort_access" : "users.sort_name")}
        </button>
      </div>
      ${
        found.length
          ? html`<ul class="card rows">
              ${rows(
                found,
                ({ user_id: id }) => id,
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
          : all.length
            ? empty("account", words.t("states.no_match"))
            : empty(
                "account",
                words.t("states.no_users"),
                html`<p>${words.t("states.no_users_text")}</p>`,
              )
      }
    </section>`;
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
        flex: 1;
        min-width: 0;
        overflow-x: auto;
        scrollbar-width: none;
        padding: 3px;
        margin: -3px;
      }

      .chips {
        width: max-content;
        flex-wrap: nowrap;
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
