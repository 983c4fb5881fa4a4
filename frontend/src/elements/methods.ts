import { html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon, iconOf } from "../icons";
import type { Method, User } from "../types";
import type { Key } from "../words";
import { methodRow, methodStyles, sorted } from "./method-row";
import "./dialog";
import "./enroll";
import "./method-dialog";

/** The unlock methods of a user, and how to change whose they are. */
@define("tlu-methods")
export class Methods extends LockElement {
  @property() user!: User;

  @state() private assigning = false;
  @state() private enrolling = false;
  @state() private editing: Method | undefined;

  override render(): TemplateResult {
    const { words, connected } = this.ctx;
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
        ${sorted(methods ?? []).map((method) => this.#renderMethod(method))}
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
        <button class="button tonal" ?disabled=${!connected} @click=${this.#openTray}>
          ${icon("link", "small")} ${words.t("methods.assign")}
        </button>
        ${
          this.ctx.has("enroll_unlock_method")
            ? html`<button
                class="button tonal"
                ?disabled=${!connected}
                @click=${() => (this.enrolling = true)}
              >
                ${icon("plus", "small")} ${words.t("enroll.add")}
              </button>`
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
    const { words, connected } = this.ctx;
    const key = `${method.type}:${method.number}`;
    const fixed = method.can_deallocate === false;
    return html`<li>
      ${methodRow(words, method)}
      ${this.busy === key ? html`<span class="spinner"></span>` : nothing}
      <button
        class="button plain"
        aria-label="${words.t("methods.unassign")}: ${words.method(method)}"
        aria-disabled=${fixed}
        title=${fixed ? words.t("methods.unassign_not", { method: words.method(method) }) : ""}
        ?disabled=${!connected || this.busy !== ""}
        @click=${() =>
          fixed
            ? (this.error = words.t("methods.unassign_not", { method: words.method(method) }))
            : void this.#unassign(method, key)}
      >
        ${words.t("methods.unassign")}
      </button>
      ${
        this.ctx.has("update_unlock_method")
          ? html`<button
              class="icon-button"
              aria-label=${words.t("methods.edit", { method: words.method(method) })}
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
    await this.#allocate(method, "allocate_unlock_methods", "methods.assigned");
  }

  async #unassign(method: Method, key: string): Promise<void> {
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
      await this.#allocate(method, "deallocate_unlock_methods", "methods.unassigned", key);
    }
  }

  async #allocate(
    method: Method,
    action: string,
    done: Extract<Key, "methods.assigned" | "methods.unassigned">,
    key = "assign",
  ): Promise<void> {
    const { words } = this.ctx;
    const answer = await this.write<{ unlock_methods: Method[] }>(key, action, {
      user: this.user.user_id,
      unlock_methods: [{ type: method.type, number: method.number }],
    });
    if (answer) {
      this.announce(
        answer,
        words.t(done, { method: words.method(method), user: words.user(this.user) }),
      );
    }
  }

  static override styles = [...LockElement.styles, methodStyles];
}
