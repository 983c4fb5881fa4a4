import { css, html, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";
import { LockElement } from "../base";
import { define } from "../define";
import { icon } from "../icons";
import { METHOD_TYPES, type Method, type User } from "../types";
import { methodRow, methodStyles } from "./method-row";
import "./pick-user";

/** Unlock methods that open the door but belong to no one. */
@define("tlu-tray")
export class Tray extends LockElement {
  @state() private assigning: Method | undefined;

  override render(): TemplateResult {
    const { words, connected } = this.ctx;
    const methods = this.users.unassigned;
    const users = this.users.order.flatMap((id) => this.users.users[id] ?? []);
    return html`<section>
      <h2>${words.t("tray.heading")}</h2>
      <p class="secondary">
        ${words.t(methods === null ? "tray.not_read" : methods.length ? "tray.text" : "tray.none")}
      </p>
      ${this.error ? html`<p class="note error" role="alert">${this.error}</p>` : nothing}
      ${
        methods?.length
          ? html`<ul class="card">
              ${this.sorted(methods).map(
                (method) =>
                  html`<li>
                    ${methodRow(words, method)}
                    <button
                      class="button tonal"
                      aria-label="${words.t("tray.assign_to")}: ${words.method(method)}"
                      ?disabled=${!connected || this.busy !== ""}
                      @click=${() => (this.assigning = method)}
                    >
                      ${
                        this.busy === `${method.type}:${method.number}`
                          ? html`<span class="spinner"></span>`
                          : nothing
                      }
                      ${words.t("tray.assign_to")}
                    </button>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      <button
        class="button plain again"
        ?disabled=${!connected || this.busy !== ""}
        @click=${this.lookAgain}
      >
        ${this.busy === "again" ? html`<span class="spinner"></span>` : icon("refresh", "small")}
        ${words.t("tray.look_again")}
      </button>
      ${
        this.assigning
          ? html`<tlu-pick-user
              .ctx=${this.ctx}
              .heading=${words.t("tray.assign_title", { method: words.method(this.assigning) })}
              .users=${users.sort((a, b) => words.compare(words.user(a), words.user(b)))}
              @picked=${(event: CustomEvent<User>) => void this.assign(event.detail)}
              @close=${() => (this.assigning = undefined)}
            ></tlu-pick-user>`
          : nothing
      }
    </section>`;
  }

  private sorted(methods: readonly Method[]): Method[] {
    const rank = (method: Method): number =>
      (METHOD_TYPES as readonly string[]).indexOf(method.type);
    return [...methods].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  }

  private async assign(user: User): Promise<void> {
    const { words } = this.ctx;
    const method = this.assigning!;
    this.assigning = undefined;
    const answer = await this.write(`${method.type}:${method.number}`, "allocate_unlock_methods", {
      user: user.user_id,
      unlock_methods: [{ type: method.type, number: method.number }],
    });
    if (answer) {
      this.ctx.announce(
        words.t("methods.assigned", { method: words.method(method), user: words.user(user) }),
      );
    }
  }

  private async lookAgain(): Promise<void> {
    await this.write("again", "get_unlock_methods", { unassigned: true });
  }

  static override styles = [
    ...LockElement.styles,
    methodStyles,
    css`
      :host {
        display: block;
      }

      section {
        display: flex;
        flex-direction: column;
        gap: 12px;
      }

      h2 {
        font-size: 20px;
        line-height: 28px;
      }

      li {
        padding: 4px 16px;
      }

      li + li {
        border-top: 1px solid var(--tlu-line);
      }

      .again {
        align-self: flex-start;
      }
    `,
  ];
}
