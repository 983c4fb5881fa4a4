import { html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, state } from "../define";
import { icon } from "../icons";
import { field } from "./field";
import { profileData, profileForm, type ProfileFields } from "./profile";
import "./dialog";

/** A new user: a name is enough. Fires `added` with the id. */
@define("tlu-add-user")
export class AddUser extends LockElement {
  @state() private fields: ProfileFields = {};
  @state() private open = false;

  override render(): TemplateResult {
    const { words } = this.ctx;
    return html`<tlu-dialog
      .ctx=${this.ctx}
      .heading=${words.t("add_user.title", { lock: this.lock.name })}
      @close=${this.close}
    >
      <div class="form">
        ${field(this.ctx, words.t("profile.name"), this.fields.name ?? "", (value) => this.#change({ name: value }), { required: true, first: true })}
        <button
          class="button plain flush details"
          aria-expanded=${this.open}
          @click=${() => (this.open = !this.open)}
        >
          ${words.t("add_user.details")} ${icon("chevron", "small turning")}
        </button>
        ${this.open ? profileForm(this.ctx, this.fields, (part) => this.#change(part)) : nothing}
        ${this.renderError()}
      </div>
      ${this.footer("add", words.t("common.add"), this.#add, Boolean(this.fields.name?.trim()))}
    </tlu-dialog>`;
  }

  #change(part: ProfileFields): void {
    this.fields = { ...this.fields, ...part };
  }

  async #add(): Promise<void> {
    const answer = await this.write<{ user_id: string }>(
      "add",
      "add_user",
      profileData(this.fields),
    );
    if (answer) {
      this.ctx.announce(
        this.ctx.words.t("add_user.added", {
          user: this.fields.name!.trim(),
          lock: this.lock.name,
        }),
      );
      this.fire("added", answer.user_id);
    }
  }
}
