import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import { mark } from "../parts";
import { SIGN_ICONS, signsOf } from "../signs";
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
                    : mark(
                        words.count("locks.users", lock.users),
                        words.number(lock.users),
                        "secondary",
                      )
                }
                ${signsOf(words, lock).map(({ name, text, count }) =>
                  mark(
                    text,
                    count === undefined ? "" : words.number(count),
                    "warning",
                    SIGN_ICONS[name],
                  ),
                )}
              </button>
            </li>`,
        )}
      </ul>
    </nav>`;
  }

  /** The lock of a link may be far down the row. */
  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("current")) {
      this.renderRoot
        .querySelector("[aria-current]")
        ?.scrollIntoView({ block: "nearest", inline: "center" });
    }
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

      .warning .icon {
        color: var(--tlu-warning);
      }
    `,
  ];
}
