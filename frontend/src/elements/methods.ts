import { html, nothing, type TemplateResult } from "lit";
import { define, property, state } from "../define";
import { icon, iconOf } from "../icons";
import { rows } from "../rows";
import type { Method, User } from "../types";
import { keyOf, MethodElement, methodRow, sorted } from "./method-row";
import "./dialog";
import "./enroll";
import "./method-dialog";

/** The unlock methods of a user, and how to change whose they are. */
@define("tlu-methods")
export class Methods extends MethodElement {
  @property() user!: User;

  @state() private assigning = false;
  @state() private enrolling = false;
  @state() private editing: Method | undefined;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const methods = this.user.unlock_methods;
    const waits = this.users.enrollment?.user_id === this.user.user_id;
    return html`<section aria-labelledby="methods">
      <h3 id="methods">${words.t("methods.heading")}</h3>
      ${methods === null ? html`<p class="secondary">${words.t("methods.not_read")}</p>` : nothing}
      ${
        methods?.length === 0
          ? html`<p class="secondary">
              ${words.t("methods.none", { user: words.user(this.user) })}
            </p>`
          : nothing
      }
      <ul>
        ${rows(sorted(methods ?? []), keyOf, (method) => this.#renderMethod(method))}
      </ul>
      ${this.renderError()}
      ${
        waits && !this.enrolling
          ? html`<div class="note">
              <span class="spinner"></span>
              <span class="text"
                >${words.t("enroll.other", { lock: this.lock.name, user: words.user(this.user) })}</span
              >
            </div>`
          : nothing
      }
      <div class="actions">
        ${this.button("assign", words.t("methods.assign"), this.#openTray, { symbol: "link" })}
        ${
          this.has("enroll_unlock_method")
            ? this.button("enroll", words.t("enroll.add"), () => (this.enrolling = true), {
                symbol: "plus",
              })
            : nothing
        }
      </div>
      ${this.assigning ? this.#renderTray() : nothing}
      ${
        this.enrolling
          ? html`<tlu-enroll
              .ctx=${this.ctx}
              .lock=${this.lock}
              .users=${this.users}
              .user=${this.user}
              @close=${() => (this.enrolling = false)}
            ></tlu-enroll>`
          : nothing
      }
      ${
        this.editing
          ? html`<tlu-method-dialog
              .ctx=${this.ctx}
              .lock=${this.lock}
              .users=${this.users}
              .user=${this.user}
              .method=${this.editing}
              @close=${() => (this.editing = undefined)}
            ></tlu-method-dialog>`
          : nothing
      }
    </section>`;
  }

  #renderMethod(method: Method): TemplateResult {
    const { words } = this.ctx;
    const name = words.method(method);
    return html`<li>
      ${methodRow(words, method)}
      ${this.button(keyOf(method), words.t("methods.unassign"), () => this.#unassign(method), {
        look: "plain",
        of: name,
        why:
          method.can_deallocate === false
            ? words.t("methods.unassign_not", { method: name })
            : undefined,
      })}
      ${
        this.has("update_unlock_method")
          ? html`<button
              class="icon-button"
              aria-label=${words.t("methods.edit", { method: name })}
              @click=${() => (this.editing = method)}
            >
              ${icon("edit", "small")}
            </button>`
          : nothing
      }
    </li>`;
  }

  #renderTray(): TemplateResult {
    const { words } = this.ctx;
    const free = this.users.unassigned ?? [];
    return html`<tlu-dialog
      .ctx=${this.ctx}
      .heading=${words.t("methods.assign_title", { user: words.user(this.user) })}
      @close=${() => (this.assigning = false)}
    >
      ${
        free.length
          ? html`<ul>
              ${sorted(free).map(
                (method) =>
                  html`<li>
                    <button
                      class="pick"
                      ?disabled=${this.busy !== ""}
                      @click=${() => void this.#assign(method)}
                    >
                      ${icon(iconOf(method.type))} <bdi>${words.method(method)}</bdi>
                    </button>
                  </li>`,
              )}
            </ul>`
          : html`<p class="secondary">
              ${words.t(this.users.unassigned ? "methods.assign_none" : "tray.not_read")}
            </p>`
      }
    </tlu-dialog>`;
  }

  #openTray(): void {
    this.error = "";
    this.assigning = true;
  }

  async #assign(method: Method): Promise<void> {
    this.assigning = false;
    await this.allocate("assign", method, this.user, true);
  }

  async #unassign(method: Method): Promise<void> {
    const { words } = this.ctx;
    const placeholders = { user: words.user(this.user), lock: this.lock.name };
    const isLast = this.user.unlock_methods?.length === 1;
    const sure =
      !isLast ||
      (await this.ctx.confirm({
        title: words.t("methods.unassign_title", { method: words.method(method) }),
        text: words.t("methods.unassign_last", placeholders),
        action: words.t("methods.unassign"),
        danger: true,
      }));
    if (sure) {
      await this.allocate(keyOf(method), method, this.user, false);
    }
  }
}
