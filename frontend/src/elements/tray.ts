import { html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { define, state } from "../define";
import { METHOD_TYPES, type Method, type User } from "../types";
import { methodRow, methodStyles } from "./method-row";
import "./pick-user";

/** Unlock methods that open the door but belong to no one. */
@define("tlu-tray")
export class Tray extends LockElement {
  @state() private assigning: Method | undefined;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const methods = this.users.unassigned;
    const users = this.users.order.flatMap((id) => this.users.users[id] ?? []);
    return html`<section class="stack">
      <h2>${words.t("tray.heading")}</h2>
      <p class="secondary">
        ${words.t(methods === null ? "tray.not_read" : methods.length ? "tray.text" : "tray.none")}
      </p>
      ${this.renderError()}
      ${
        methods?.length
          ? html`<ul class="card">
              ${this.#sorted(methods).map(
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
              .users=${users.sort((a, b) => words.compare(words.user(a), words.user(b)))}
              @picked=${(event: CustomEvent<User>) => void this.#assign(event.detail)}
              @close=${() => (this.assigning = undefined)}
            ></tlu-pick-user>`
          : nothing
      }
    </section>`;
  }

  #sorted(methods: readonly Method[]): Method[] {
    const rank = (method: Method): number =>
      (METHOD_TYPES as readonly string[]).indexOf(method.type);
    return [...methods].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
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
