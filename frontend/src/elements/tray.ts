import { html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, state } from "../define";
import { usersOf } from "../merge";
import type { Method, User } from "../types";
import { methodRow, methodStyles, sorted } from "./method-row";
import "./pick-user";

/** Unlock methods that open the door but belong to no one. */
@define("tlu-tray")
export class Tray extends LockElement {
  @state() private assigning: Method | undefined;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const methods = this.users.unassigned;
    return html`<section class="stack">
      <h2>${words.t("tray.heading")}</h2>
      <p class="secondary">
        ${words.t(methods === null ? "tray.not_read" : methods.length ? "tray.text" : "tray.none")}
      </p>
      ${this.renderError()}
      ${
        methods?.length
          ? html`<ul class="card">
              ${sorted(methods).map(
                (method) =>
                  html`<li>
                    ${methodRow(words, method)}
                    ${this.button(
                      `${method.type}:${method.number}`,
                      words.t("tray.assign_to"),
                      () => (this.assigning = method),
                      { spoken: `${words.t("tray.assign_to")}: ${words.method(method)}` },
                    )}
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      <div>
        ${this.button("again", words.t("tray.look_again"), this.#lookAgain, {
          look: "plain",
          symbol: "refresh",
        })}
      </div>
      ${
        this.assigning
          ? html`<tlu-pick-user
              .ctx=${this.ctx}
              .heading=${words.t("tray.assign_title", { method: words.method(this.assigning) })}
              .users=${usersOf(this.users).sort(words.byName)}
              @picked=${(event: CustomEvent<User>) => void this.#assign(event.detail)}
              @close=${() => (this.assigning = undefined)}
            ></tlu-pick-user>`
          : nothing
      }
    </section>`;
  }

  async #assign(user: User): Promise<void> {
    const { words } = this.ctx;
    const method = this.assigning!;
    this.assigning = undefined;
    const answer = await this.write(`${method.type}:${method.number}`, "allocate_unlock_methods", {
      user: user.user_id,
      unlock_methods: [{ type: method.type, number: method.number }],
    });
    if (answer) {
      this.announce(
        answer,
        words.t("methods.assigned", { method: words.method(method), user: words.user(user) }),
      );
    }
  }

  async #lookAgain(): Promise<void> {
    await this.write("again", "get_unlock_methods", { unassigned: true });
  }

  static override styles = [...LockElement.styles, methodStyles];
}
