import { css, html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, state } from "../define";
import { icon } from "../icons";
import { rows } from "../rows";
import type { PurgeResult } from "../types";

/** Former users who are still on the lock; a dry run is made first. */
@define("tlu-absent-list")
export class AbsentList extends LockElement {
  @state() private chosen = new Set<string>();
  @state() private results = new Map<string, PurgeResult["status"]>();

  override render(): TemplateResult {
    const { words } = this.ctx;
    const absent = this.users.absent;
    const gone = [...this.results.keys()].filter(
      (id) => !absent?.some((user) => user.user_id === id),
    );
    const disabled = !this.chosen.size;
    const canDelete = [...this.chosen].some((id) => this.results.get(id) === "would_purge");
    return html`<section class="stack">
      <h2>${words.t("absent.heading")}</h2>
      <p class="secondary">
        ${words.t(
          absent === null ? "absent.not_read" : absent.length ? "absent.text" : "absent.none",
        )}
      </p>
      ${
        absent && absent.length > 1
          ? html`<label class="all">
              <input
                type="checkbox"
                .checked=${this.chosen.size === absent.length}
                @change=${this.#chooseAll}
              />
              ${words.t("absent.select_all")}
            </label>`
          : nothing
      }
      ${
        absent?.length
          ? html`<ul class="card">
              ${rows(
                absent,
                ({ user_id: id }) => id,
                ({ user_id: id, lock_user_id: number }) =>
                  this.#renderUser(
                    id,
                    number === null ? "" : words.t("absent.lock_number", { number }),
                  ),
              )}
            </ul>`
          : nothing
      }
      ${
        gone.length
          ? html`<ul class="card" role="status">
              ${gone.map(
                (id) =>
                  html`<li>${this.#who(id, "")}${this.#renderResult(this.results.get(id))}</li>`,
              )}
            </ul>`
          : nothing
      }
      ${this.renderError()}
      ${
        absent?.length
          ? html`<div class="actions">
              ${this.button("check", words.t("absent.check"), this.#check, { disabled })}
              ${
                canDelete
                  ? this.button("delete", words.t("absent.delete"), this.#delete, {
                      look: "filled danger",
                      disabled,
                    })
                  : nothing
              }
            </div>`
          : nothing
      }
    </section>`;
  }

  #renderUser(id: string, number: string): TemplateResult {
    return html`<li>
      <label>
        <input type="checkbox" .checked=${this.chosen.has(id)} @change=${() => this.#choose(id)} />
        ${this.#who(id, number)}
      </label>
      ${this.#renderResult(this.results.get(id))}
    </li>`;
  }

  #who(id: string, number: string): TemplateResult {
    return html`<span class="what">
      <bdi class="name">${this.ctx.words.t("users.unnamed", { id })}</bdi>
      <span class="secondary">${number}</span>
    </span>`;
  }

  #renderResult(status: PurgeResult["status"] | undefined): TemplateResult | typeof nothing {
    if (!status) {
      return nothing;
    }
    const bad = status === "failed" || status === "skipped";
    return html`<span class="result ${status}">
      ${icon(bad ? "alert" : status === "purged" ? "check" : "delete", "small")}
      ${this.ctx.words.t(`absent.${status}`)}
    </span>`;
  }

  #choose(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) {
      chosen.add(id);
    }
    this.chosen = chosen;
  }

  #chooseAll(event: Event): void {
    const all = (event.target as HTMLInputElement).checked;
    this.chosen = new Set(all ? this.users.absent?.map((user) => user.user_id) : []);
  }

  async #check(): Promise<void> {
    await this.#purge("check", { dry_run: true });
  }

  async #delete(): Promise<void> {
    const { words } = this.ctx;
    const sure = await this.ctx.confirm({
      title: words.count("absent.delete_title", this.chosen.size),
      text: words.t("absent.delete_text", { lock: this.lock.name }),
      action: words.t("common.delete"),
      danger: true,
    });
    if (sure) {
      await this.#purge("delete", {});
      this.chosen = new Set();
    }
  }

  async #purge(name: string, more: Record<string, unknown>): Promise<void> {
    const answer = await this.write<{ results: PurgeResult[] }>(name, "purge_users", {
      users: [...this.chosen],
      ...more,
    });
    if (answer) {
      this.results = new Map(answer.results.map(({ user_id, status }) => [user_id, status]));
    }
  }

  static override styles = [
    ...LockElement.styles,
    css`
      li {
        flex-wrap: wrap;
        justify-content: space-between;
      }

      label {
        display: flex;
        align-items: center;
        gap: 16px;
        min-height: 44px;
      }

      .all {
        padding-inline-start: 17px;
      }

      input {
        width: 20px;
        height: 20px;
        accent-color: var(--tlu-main);
      }

      .result {
        display: inline-flex;
        align-items: center;
        gap: 8px;
      }

      .failed .icon,
      .would_purge .icon {
        color: var(--tlu-error);
      }

      .skipped .icon {
        color: var(--tlu-warning);
      }

      .purged .icon {
        color: var(--tlu-success);
      }
    `,
  ];
}
