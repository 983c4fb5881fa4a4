import { html, nothing, type TemplateResult } from "lit";
import { define, state } from "../define";
import { usersOf } from "../merge";
import { rows } from "../rows";
import type { Method, User } from "../types";
import { keyOf, MethodElement, methodRow, sorted } from "./method-row";
import "./pick-user";

/** Unlock methods that open the door but belong to no one. */
@define("tlu-tray")
export class Tray extends MethodElement {
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
              ${rows(
                sorted(methods),
                keyOf,
                (method) =>
                  html`<li>
                    ${methodRow(words, method)}
                    ${this.button(
                      keyOf(method),
                      words.t("tray.assign_to"),
                      () => (this.assigning = method),
                      { of: words.method(method) },
                    )}
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      <div>
        ${this.button("again", words.t("tray.look_again"), this.#lookAgain, {
          look: "plain flush",
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
    const method = this.assigning!;
    this.assigning = undefined;
    await this.allocate(keyOf(method), method, user, true);
  }

  async #lookAgain(): Promise<void> {
    await this.write("again", "get_unlock_methods", { unassigned: true });
  }
}
