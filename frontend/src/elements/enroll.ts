import { css, html, nothing, type TemplateResult } from "lit";
import { call } from "../actions";
import { LockElement } from "../base";
import { define, property, state } from "../define";
import { icon, iconOf } from "../icons";
import type { Method, User } from "../types";
import { choices, toggle } from "../parts";
import { field } from "./field";
import "./dialog";

const TYPES = ["fingerprint", "card", "password", "face", "remote_control"] as const;

/** Longest time a lock waits for a new method, in seconds. */
const WAIT = 120;

/** Enroll a new fingerprint, card, and so on, with the progress of the lock. */
@define("tlu-enroll")
export class Enroll extends LockElement {
  @property() user!: User;

  @state() private type: (typeof TYPES)[number] = "fingerprint";
  @state() private name = "";
  @state() private password = "";
  @state() private duress = false;
  @state() private cancelling = false;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const waits = this.busy === "enroll";
    return html`<tlu-dialog
      .ctx=${this.ctx}
      .heading=${words.t("enroll.title", { user: words.user(this.user) })}
      @close=${this.close}
    >
      ${waits ? this.#renderProgress() : this.#renderForm()} ${this.renderError()}
      <div slot="footer">
        <button class="button plain cancel" ?disabled=${this.cancelling} @click=${this.#cancel}>
          ${words.t("common.cancel")}
        </button>
        ${
          waits
            ? nothing
            : html`<button
                class="button filled start"
                ?disabled=${!this.ctx.connected || !this.#isComplete}
                @click=${this.#start}
              >
                ${words.t("enroll.start")}
              </button>`
        }
      </div>
    </tlu-dialog>`;
  }

  #renderForm(): TemplateResult {
    const { words } = this.ctx;
    return html`<div class="form">
      ${choices(
        words.t("enroll.type"),
        TYPES.map((type) => ({ value: type, label: words.type(type), icon: iconOf(type) })),
        this.type,
        (type) => (this.type = type),
      )}
      ${field(this.ctx, words.t("enroll.name"), this.name, (value) => (this.name = value), { helper: words.t("common.optional") })}
      ${
        this.type === "password"
          ? field(
              this.ctx,
              words.t("enroll.password"),
              this.password,
              (value) => (this.password = value),
              { kind: "password", required: true, helper: words.t("enroll.password_help") },
            )
          : nothing
      }
      ${toggle(
        this.duress,
        words.t("methods.duress_label"),
        (on) => (this.duress = on),
        words.t("methods.duress_help"),
      )}
    </div>`;
  }

  #renderProgress(): TemplateResult {
    const { words } = this.ctx;
    const { enrollment } = this.users;
    const total = enrollment?.touches_total ?? 0;
    const done = total - (enrollment?.touches_left ?? total);
    return html`<div class="form progress">
      <div class="symbol">${icon(iconOf(this.type))}<span class="spinner"></span></div>
      <p class="lead">
        ${words.t("enroll.at_the_lock", {
          lock: this.lock.name,
          type: words.type(this.type),
        })}
      </p>
      <div role="status" class="status">
        ${
          total
            ? html`<progress max=${total} value=${done}></progress>
                <p>
                  ${words.t("enroll.touches", { done: words.number(done), total: words.number(total) })}
                </p>
                <p>
                  ${words.t(
                    enrollment?.lift_finger
                      ? "enroll.lift_finger"
                      : done
                        ? "enroll.touch_again"
                        : "enroll.waiting",
                  )}
                </p>`
            : html`<p class="secondary">${words.t("enroll.waiting")}</p>`
        }
      </div>
    </div>`;
  }

  get #isComplete(): boolean {
    return this.type !== "password" || /^\d+$/.test(this.password);
  }

  async #start(): Promise<void> {
    const { words } = this.ctx;
    const { type, name, password, duress } = this;
    const answer = await this.write<{ unlock_method: Method | null; status: string }>(
      "enroll",
      "enroll_unlock_method",
      {
        user: this.user.user_id,
        type,
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(duress ? { duress } : {}),
        ...(type === "password" ? { password } : {}),
        wait: WAIT,
      },
    );
    this.password = "";
    if (!answer) {
      return;
    }
    if (answer.unlock_method) {
      this.ctx.announce(
        words.t("enroll.done", {
          user: words.user(this.user),
          method: words.method(answer.unlock_method),
        }),
      );
    } else {
      const placeholders = { user: words.user(this.user), lock: this.lock.name };
      this.ctx.announce(
        words.t(answer.status === "cancelled" ? "enroll.cancelled" : "enroll.other", placeholders),
      );
    }
    this.close();
  }

  async #cancel(): Promise<void> {
    if (this.busy !== "enroll") {
      this.close();
      return;
    }
    // Canceling makes the first call return, which closes this.
    this.cancelling = true;
    try {
      await call(this.ctx, this.lock, "cancel_enrollment", { type: this.type });
    } catch (err) {
      this.error = (err as Error).message;
    } finally {
      this.cancelling = false;
    }
  }

  static override styles = [
    ...LockElement.styles,
    css`
      .progress {
        align-items: center;
        padding: 16px;
        text-align: center;
      }

      .symbol {
        position: relative;
        padding: 24px;
      }

      .symbol .icon {
        width: 56px;
        height: 56px;
      }

      .symbol .spinner {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        border-width: 3px;
        color: var(--tlu-main);
      }

      .lead {
        font-size: 18px;
        line-height: 26px;
      }

      .status {
        min-height: 64px;
      }

      progress {
        appearance: none;
        width: 240px;
        height: 6px;
        border: none;
        border-radius: 3px;
        overflow: hidden;
        background: var(--tlu-tint);
      }

      ::-webkit-progress-bar {
        background: none;
      }

      ::-webkit-progress-value {
        background: var(--tlu-main);
      }

      ::-moz-progress-bar {
        background: var(--tlu-main);
      }
    `,
  ];
}
