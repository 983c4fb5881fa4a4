import { html, type PropertyValues, type TemplateResult } from "lit";
import { Element, type Question } from "../base";
import { define, property } from "../define";
import "./dialog";

/** Ask before what hurts. Cancel has the focus. */
@define("tlu-confirm")
export class Confirm extends Element {
  @property({ attribute: false }) question!: Question;
  @property({ attribute: false }) answer!: (sure: boolean) => void;

  private get cancelButton(): HTMLButtonElement {
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

  override firstUpdated(changed: PropertyValues): void {
    super.firstUpdated(changed);
    // The dialog opens in its own first update, which comes after this one.
    void Promise.resolve().then(() => this.cancelButton.focus());
  }
}
