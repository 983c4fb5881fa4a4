import { html, type TemplateResult } from "lit";
import { Element, type Question } from "../base";
import { define, property } from "../define";
import "./dialog";

/** Ask before what hurts. Cancel has the focus. */
@define("tlu-confirm")
export class Confirm extends Element {
  @property() question!: Question;
  @property() answer!: (sure: boolean) => void;

  override render(): TemplateResult {
    const { title, text, action, danger } = this.question;
    return html`<tlu-dialog .ctx=${this.ctx} .heading=${title} @close=${() => this.answer(false)}>
      <p>${text}</p>
      <div slot="footer">
        <button class="button plain cancel" data-focus @click=${() => this.answer(false)}>
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
}
