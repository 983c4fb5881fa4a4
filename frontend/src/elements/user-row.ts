import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import { icon, iconOf } from "../icons";
import { draftOf, nextChange } from "../schedule";
import { delivery, mark } from "../parts";
import type { Access, Delivery, Lock, User } from "../types";
import { countsOf, type Words } from "../words";
import { avatar, avatarStyles } from "./avatar";

/** How far the changes of a user are: those on their way first. */
export const deliveryOf = (user: User): Delivery | undefined => {
  const own = [user.delivery_status, user.schedule?.delivery_status];
  const all = [...own, ...(user.unlock_methods ?? []).map((method) => method.delivery_status)];
  return all.includes("ongoing") ? "ongoing" : own.includes("failed") ? "failed" : undefined;
};

/** When access starts or ends next, "until 12:00"; empty if it does not. */
export const nextWords = (words: Words, user: User, zone: string, now: number): string => {
  const { schedule, access } = user;
  if (
    !schedule ||
    (access !== "allowed" && access !== "outside_hours" && access !== "not_started")
  ) {
    return "";
  }
  const change = nextChange(draftOf(schedule), now, zone);
  // Access can differ from the schedule: then no time is shown.
  if (!change || schedule.windows === null || change.opens === (access === "allowed")) {
    return "";
  }
  return words.t(change.opens ? "access.from" : "access.until", {
    time: words.moment(change.at, zone, now),
  });
};

export const accessWord = (words: Words, access: Access | null): string =>
  words.t(`access.${access ?? "unknown"}`);

/** A user in the list: a link to the sheet. */
@define("tlu-user-row")
export class UserRow extends Element {
  @property() user!: User;
  @property() lock!: Lock;
  @property() href = "";
  @property({ type: Boolean, reflect: true }) selected = false;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { user, lock } = this;
    const name = words.user(user);
    const zone = lock.time_zone;
    const now = Date.now();
    return html`<a
      href=${this.href}
      aria-current=${this.selected ? "true" : nothing}
      @click=${this.#clicked}
    >
      ${avatar(name)}
      <span class="who">
        <span class="name">
          <bdi>${name}</bdi>
          ${
            user.user_type === "owner" || user.user_type === "admin"
              ? html`<span class="badge">${words.t(`users.${user.user_type}`)}</span>`
              : nothing
          }
        </span>
        <span class="secondary line">
          ${user.schedule ? words.schedule(draftOf(user.schedule), zone, now) : nothing}
        </span>
        ${delivery(words, deliveryOf(user))}
      </span>
      <span class="more">
        <span class="methods">${this.#renderMethods()}</span>
        <span class="access">
          <span class="state">
            <span class="dot ${user.access ?? ""}"></span> ${accessWord(words, user.access)}
          </span>
          <span class="secondary">${nextWords(words, user, zone, now)}</span>
        </span>
      </span>
      ${icon("chevron", "mirrored secondary")}
    </a>`;
  }

  #renderMethods(): TemplateResult | TemplateResult[] {
    const { words } = this.ctx;
    const methods = this.user.unlock_methods;
    if (!methods?.length) {
      return mark(
        words.t(methods ? "users.no_methods" : "users.methods_unknown"),
        methods ? "–" : "?",
        "secondary",
      );
    }
    return countsOf(methods).map(([type, count]) =>
      mark(
        words.methodCount(type, count),
        count > 1 ? words.number(count) : "",
        "method",
        iconOf(type),
      ),
    );
  }

  #clicked(event: MouseEvent): void {
    // A new tab is the browser's business.
    if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.ctx.navigate(this.lock.lock_id, this.user.user_id);
    }
  }

  override focus(): void {
    this.renderRoot.querySelector("a")?.focus();
  }

  static override styles = [
    ...Element.styles,
    avatarStyles,
    css`
      a {
        position: relative;
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto 152px auto;
        align-items: center;
        gap: 16px;
        min-height: 72px;
        padding: 10px 16px;
        color: inherit;
        text-decoration: none;
      }

      a:focus-visible {
        outline-offset: -3px;
        border-radius: 8px;
      }

      @media (hover: hover) {
        a:hover {
          background: var(--tlu-hover);
        }
      }

      :host([selected]) a {
        background: var(--tlu-tint);
      }

      .who,
      .access {
        display: flex;
        flex-direction: column;
        min-width: 0;
      }

      .name {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        column-gap: 8px;
        font-size: 16px;
        line-height: 24px;
        overflow-wrap: anywhere;
      }

      .line {
        overflow-wrap: anywhere;
      }

      .methods {
        display: flex;
        gap: 8px;
        color: var(--tlu-second);
      }

      .access {
        align-items: flex-start;
      }

      .state {
        display: flex;
        align-items: center;
        gap: 8px;
      }

      .access .secondary {
        padding-inline-start: 18px;
      }

      .more {
        display: contents;
      }

      @container (max-width: 640px) {
        a {
          grid-template-columns: auto minmax(0, 1fr) auto;
          row-gap: 4px;
        }

        .more {
          display: flex;
          flex-direction: row-reverse;
          align-items: center;
          gap: 16px;
          grid-column: 2 / span 2;
          padding-inline-end: 4px;
        }

        .methods {
          flex-wrap: wrap;
          justify-content: flex-end;
          max-width: 50%;
        }

        /* A time with no room beside the state starts below its word. */
        .access {
          flex: 1;
          flex-flow: row wrap;
          gap: 0 8px;
          padding-inline-start: 18px;
        }

        .state {
          margin-inline-start: -18px;
        }

        .access .secondary {
          padding: 0;
        }

        a > .icon {
          grid-column: 3;
          grid-row: 1;
        }
      }
    `,
  ];
}
