import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property, state } from "../define";
import type { User } from "../types";
import { avatar, avatarStyles } from "./avatar";
import "./dialog";

/** A list of users to pick one of, searched from a handful on. */
@define("tlu-pick-user")
export class PickUser extends Element {
  @property() heading = "";
  @property() users: User[] = [];

  @state() private search = "";

  override render(): TemplateResult {
    const { words } = this.ctx;
    const wanted = this.search.toLocaleLowerCase();
    const found = this.users.filter((user) =>
      words.user(user).toLocaleLowerCase().includes(wanted),
    );
    return html`<tlu-dialog .ctx=${this.ctx} .heading=${this.heading} @close=${this.close}>
      ${
        this.users.length > 7
          ? html`<input
              data-focus
              class="input"
              type="search"
              aria-label=${words.t("users.search")}
              placeholder=${words.t("users.search")}
              @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
            />`
          : nothing
      }
      <ul>
        ${found.map(
          (user) =>
            html`<li>
              <button class="pick" @click=${() => this.#pick(user)}>
                ${avatar(words.user(user))} <bdi>${words.user(user)}</bdi>
              </button>
            </li>`,
        )}
      </ul>
      ${found.length ? nothing : html`<p class="secondary">${words.t("states.no_match")}</p>`}
    </tlu-dialog>`;
  }

  #pick(user: User): void {
    this.fire("picked", user);
  }

  static override styles = [
    ...Element.styles,
    avatarStyles,
    css`
      input {
        width: 100%;
        margin-bottom: 8px;
      }
    `,
  ];
}
