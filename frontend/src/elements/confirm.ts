import { html, type PropertyValues, type TemplateResult } from "lit";
import { Element, type Question } from "../base";
import { define, property } from "../define";
import type { Dialog } from "./dialog";
import "./dialog";

/** Ask before what hurts. Cancel has the focus. */
@define("tlu-confirm")
export class Confirm extends Element {
  @property() question!: Question;
  @property() answer!: (sure: boolean) => void;

  get #cancelButton(): HTMLButtonElement {
    return this.renderRoot.querySelector(".cancel")!;
  }

  override render(): TemplateResult {
    const { title, text, action, danger } = this.question;
    return html`<tlu-dialog .ctx=${this.ctx} .heading=${title} @close=${() => this.answer(false)}>
      <p>${text}</p>
      <div slot="footer">
        <button class="button plain cancel" @click=${() => this.answer(false)}>
          ${this.ctx.words.t("common.cancel")}
        </button>
        <button
          class="button filled sure ${danger ? "danger" : ""}"
          @click=${() => this.answer(true)}
        >
          ${action}
        </button>
      </div>
    </tlu-dialog>`;
  }

  override async firstUpdated(changed: PropertyValues): Promise<void> {
    super.firstUpdated(changed);
    // Opening the dialog gives the focus to its first button, which closes it.
    await this.renderRoot.querySelector<Dialog>("tlu-dialog")!.updateComplete;
    this.#cancelButton.focus();
  }
}
