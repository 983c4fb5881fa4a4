import { html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import type { Method, User } from "../types";
import { toggle } from "../parts";
import { field } from "./field";
import "./dialog";

/** Name, duress, and notification of one unlock method; and the way to delete it. */
@define("tlu-method-dialog")
export class MethodDialog extends LockElement {
  @property() user!: User;
  @property() method!: Method;

  @state() private name: string | undefined;
  @state() private duress: boolean | undefined;
  @state() private notify: boolean | undefined;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { method } = this;
    return html`<tlu-dialog
      .ctx=${this.ctx}
      .heading=${words.t("methods.edit_title")}
      @close=${this.close}
    >
      <div class="form">
        ${field(this.ctx, words.t("methods.name"), this.name ?? method.name ?? "", (value) => (this.name = value), { first: true })}
        ${toggle(this.duress ?? method.duress ?? false, words.t("methods.duress_label"), (on) => (this.duress = on), words.t("methods.duress_help"))}
        ${toggle(this.notify ?? method.notify.app ?? false, words.t("methods.notify_label"), (on) => (this.notify = on), words.t("methods.notify_help"))}
        ${
          this.has("delete_unlock_method")
            ? this.button("delete", words.t("methods.delete"), this.#delete, {
                look: "plain flush danger",
              })
            : nothing
        }
        ${this.renderError()}
      </div>
      ${this.footer(
        "save",
        words.t("common.save"),
        this.#save,
        Object.keys(this.#changes).length > 0,
      )}
    </tlu-dialog>`;
  }

  get #changes(): Record<string, unknown> {
    const { method, name, duress, notify } = this;
    return {
      ...(name !== undefined && name.trim() && name !== method.name ? { name: name.trim() } : {}),
      ...(duress !== undefined && duress !== (method.duress ?? false) ? { duress } : {}),
      ...(notify !== undefined && notify !== (method.notify.app ?? false)
        ? { notify_app: notify }
        : {}),
    };
  }

  get #target(): Record<string, unknown> {
    const { type, number } = this.method;
    return { user: this.user.user_id, type, number };
  }

  async #save(): Promise<void> {
    const { words } = this.ctx;
    const answer = await this.write("save", "update_unlock_method", {
      ...this.#target,
      ...this.#changes,
    });
    if (answer) {
      this.ctx.announce(
        words.t("methods.edited", { method: this.name ?? words.method(this.method) }),
      );
      this.close();
    }
  }

  async #delete(): Promise<void> {
    const { words } = this.ctx;
    const method = words.method(this.method);
    const sure = await this.ctx.confirm({
      title: words.t("methods.delete_title", { method }),
      text: words.t("methods.delete_text", {
        method,
        user: words.user(this.user),
        lock: this.lock.name,
      }),
      action: words.t("common.delete"),
      danger: true,
    });
    if (sure && (await this.write("delete", "delete_unlock_method", this.#target))) {
      this.ctx.announce(words.t("methods.deleted", { method }));
      this.close();
    }
  }
}
