import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import { icon, type Icon } from "../icons";
import type { Lock } from "../types";

/** The locks to choose from, each with its problem. */
@define("tlu-lock-chips")
export class LockChips extends Element {
  @property() locks: Lock[] = [];
  @property() current = "";
  /** The tab that stays open, empty for the users. */
  @property() tab = "";

  override render(): TemplateResult {
    const { words } = this.ctx;
    return html`<nav aria-label=${words.t("locks.locks")}>
      <ul>
        ${this.locks.map(
          (lock) =>
            html`<li>
              <button
                class="chip"
                aria-current=${lock.lock_id === this.current ? "true" : nothing}
                @click=${() => this.ctx.navigate(lock.lock_id, this.tab)}
              >
                <bdi>${lock.name}</bdi>
                ${
                  lock.users === null
                    ? nothing
                    : html`<span class="secondary" title=${words.count("locks.users", lock.users)}>
                        <span aria-hidden="true">${words.number(lock.users)}</span>
                        <span class="hidden-text">${words.count("locks.users", lock.users)}</span>
                      </span>`
                }
                ${this.#warnings(lock)}
              </button>
            </li>`,
        )}
      </ul>
    </nav>`;
  }

  #warnings(lock: Lock): TemplateResult[] {
    const { words } = this.ctx;
    const warnings: [boolean, Icon, string, number?][] = [
      [lock.disabled, "pause", words.t("locks.warning_disabled")],
      [!lock.disabled && !lock.readable, "alert", words.t("locks.warning_unreadable")],
      [lock.online === false, "offline", words.t("locks.warning_offline")],
      [lock.pending > 0, "pending", words.count("locks.pending", lock.pending), lock.pending],
      [
        Boolean(lock.unassigned),
        "unassigned",
        words.count("locks.unassigned", lock.unassigned ?? 0),
        lock.unassigned ?? 0,
      ],
      [
        Boolean(lock.absent),
        "absent",
        words.count("locks.absent", lock.absent ?? 0),
        lock.absent ?? 0,
      ],
    ];
    return warnings
      .filter(([shown]) => shown)
      .map(
        ([, name, text, count]) =>
          html`<span class="warning" title=${text}>
            ${icon(name, "small")}
            <span aria-hidden="true">${count === undefined ? "" : words.number(count)}</span>
            <span class="hidden-text">${text}</span>
          </span>`,
      );
  }

  static override styles = [
    ...Element.styles,
    css`
      ul {
        display: flex;
        gap: 8px;
        padding: 12px 16px;
        overflow-x: auto;
        scrollbar-width: none;
        scroll-snap-type: x proximity;
      }

      li {
        scroll-snap-align: center;
      }

      .chip {
        min-height: 44px;
      }

      .warning {
        display: inline-flex;
        align-items: center;
        gap: 2px;
      }

      .warning .icon {
        color: var(--tlu-warning);
      }
    `,
  ];
}
