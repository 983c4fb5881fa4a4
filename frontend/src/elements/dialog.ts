import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { define, property } from "../define";
import { icon } from "../icons";
import { Element } from "../base";

/**
 * A modal dialog, from the bottom of a phone and in the middle of anything larger.
 *
 * It asks to be closed with a `close` event and leaves it to its owner, so that
 * unsaved changes can be kept. Slots: the content, `lead` before the heading,
 * `subtitle` below it, `footer`.
 */
@define("tlu-dialog")
export class Dialog extends Element {
  @property() heading = "";
  /** Fill a phone's screen. */
  @property({ type: Boolean, reflect: true }) full = false;
  /** Beside the page, and not in front of it. */
  @property({ type: Boolean, reflect: true }) beside = false;
  /** Stay open after a click outside, since the content is not shown again. */
  @property({ type: Boolean }) stays = false;

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  override render(): TemplateResult {
    return html`<dialog
      aria-labelledby="heading"
      @cancel=${this.#cancelled}
      @keydown=${this.#keyed}
      @pointerdown=${this.#pressed}
    >
      <div class="frame">
        <header>
          <button
            class="icon-button"
            aria-label=${this.ctx.words.t("common.close")}
            @click=${this.close}
          >
            ${icon("close")}
          </button>
          <slot name="lead"></slot>
          <div class="title">
            <h2 id="heading"><bdi>${this.heading}</bdi></h2>
            <slot name="subtitle"></slot>
          </div>
        </header>
        <div class="content"><slot></slot></div>
        <footer hidden><slot name="footer" @slotchange=${this.#filled}></slot></footer>
      </div>
    </dialog>`;
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    // A dialog can be removed before its first update.
    if (changed.has("beside") && this.isConnected) {
      this.#dialog.close();
      if (this.beside) {
        this.#dialog.show();
      } else {
        this.#dialog.showModal();
      }
      // Not the first button, which closes it; the footer is shown a moment later.
      setTimeout(() => this.querySelector<HTMLElement>("[data-focus]")?.focus());
    }
  }

  #cancelled(event: Event): void {
    event.preventDefault();
    this.close();
  }

  /** Keys are ours: Home Assistant opens its quick bar with an "e". */
  #keyed(event: KeyboardEvent): void {
    event.stopPropagation();
    if (this.beside && event.key === "Escape") {
      this.close();
    }
  }

  #pressed(event: PointerEvent): void {
    if (event.composedPath()[0] === this.#dialog && !this.stays) {
      this.close();
    }
  }

  #filled(event: Event): void {
    const slot = event.target as HTMLSlotElement;
    slot.parentElement!.hidden = slot.assignedElements().length === 0;
  }

  static override styles = [
    ...Element.styles,
    css`
      dialog {
        width: min(560px, calc(100vw - 32px));
        max-width: none;
        max-height: calc(100dvh - 48px);
        margin: auto;
        padding: 0;
        border: 1px solid transparent;
        border-radius: var(--ha-dialog-border-radius, 24px);
        color: inherit;
        background: var(
          --ha-dialog-surface-background,
          var(--card-background-color, var(--primary-background-color, #fff))
        );
        box-shadow: 0 8px 32px rgb(0 0 0 / 30%);
        overflow: hidden;
        animation: appear 160ms ease-out;
      }

      :host([beside]) dialog {
        position: static;
        width: 100%;
        height: 100%;
        max-height: none;
        border: 1px solid var(--tlu-line);
        border-radius: var(--tlu-radius);
        background: var(--tlu-card);
        box-shadow: none;
      }

      :host([beside]) .frame {
        height: 100%;
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
        animation: fade 160ms ease-out;
      }

      @keyframes appear {
        from {
          opacity: 0;
          transform: translateY(16px);
        }
      }

      @keyframes fade {
        from {
          opacity: 0;
        }
      }

      .frame {
        display: flex;
        flex-direction: column;
        max-height: inherit;
      }

      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 12px 24px 8px;
        padding-inline-start: 12px;
      }

      .title {
        flex: 1;
        min-width: 0;
      }

      h2 {
        font-size: 20px;
        line-height: 28px;
        font-weight: 500;
        overflow-wrap: anywhere;
      }

      .content {
        flex: 1;
        min-height: 0;
        overflow: auto;
        padding: 8px 24px 24px;
        overscroll-behavior: contain;
      }

      footer {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
        padding: 12px 24px;
        border-top: 1px solid var(--tlu-line);
      }

      footer ::slotted(*) {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: flex-end;
        gap: 8px;
        width: 100%;
      }

      @media (max-width: 600px) {
        dialog {
          width: 100vw;
          margin: auto 0 0;
          max-height: calc(100dvh - 32px);
          border-end-start-radius: 0;
          border-end-end-radius: 0;
          padding-bottom: var(--safe-area-inset-bottom, 0);
        }

        :host([full]) dialog {
          height: 100dvh;
          max-height: none;
          border-radius: 0;
          padding-top: var(--safe-area-inset-top, 0);
        }

        :host([full]) .frame {
          height: 100%;
        }

        header {
          padding-inline: 4px 16px;
        }

        .content {
          padding: 8px 16px 16px;
        }

        footer {
          padding: 8px 16px;
        }
      }
    `,
  ];
}
