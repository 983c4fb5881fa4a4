import { css, html, nothing, type TemplateResult } from "lit";
import { LockElement } from "../base";
import { icon, iconOf } from "../icons";
import { delivery } from "../parts";
import { METHOD_TYPES, type Method, type User } from "../types";
import type { Words } from "../words";

/** "confirmed" is the normal phase, and not shown. */
const PHASES = [
  "to_be_confirmed",
  "frozen",
  "to_be_frozen",
  "to_be_unfrozen",
  "to_be_reset",
  "creation_failed",
  "deleted",
  "to_be_deleted",
  "to_be_created",
] as const;

const phaseOf = (method: Method): (typeof PHASES)[number] | undefined =>
  PHASES.find((phase) => phase === method.phase);

/** What a method is, as the start of a row. */
export const methodRow = (words: Words, method: Method): TemplateResult => {
  const phase = phaseOf(method);
  const facts = [
    ...(method.name ? [words.t("methods.named", typed(words, method))] : []),
    ...(phase ? [words.t(`methods.phase.${phase}`)] : []),
  ];
  return html`${icon(iconOf(method.type), "secondary")}
    <span class="what">
      <span class="name">
        <bdi>${words.method(method)}</bdi>
        ${
          method.duress
            ? html`<span class="badge duress"
                >${icon("shield", "small")} ${words.t("methods.duress")}</span
              >`
            : nothing
        }
        ${method.admin ? html`<span class="badge">${words.t("methods.admin")}</span>` : nothing}
      </span>
      <span class="secondary">${facts.join(" · ")}</span>
      ${delivery(words, method.delivery_status)}
    </span>`;
};

/** By type, then by number. */
export const sorted = (methods: readonly Method[]): Method[] => {
  const rank = ({ type }: Method): number => (METHOD_TYPES as readonly string[]).indexOf(type);
  return [...methods].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
};

const typed = (words: Words, method: Method): { type: string; number: string } => ({
  type: words.type(method.type),
  number: String(method.number),
});

/** What a method is among those of a lock. */
export const keyOf = ({ type, number }: Method): string => `${type}:${number}`;

/** An element that changes whose methods are. */
export class MethodElement extends LockElement {
  protected async allocate(
    name: string,
    method: Method,
    user: User,
    assigns: boolean,
  ): Promise<void> {
    const { words } = this.ctx;
    const answer = await this.write(
      name,
      assigns ? "allocate_unlock_methods" : "deallocate_unlock_methods",
      {
        user: user.user_id,
        unlock_methods: [{ type: method.type, number: method.number }],
      },
    );
    if (answer) {
      this.announce(
        answer,
        words.t(assigns ? "methods.assigned" : "methods.unassigned", {
          method: words.method(method),
          user: words.user(user),
        }),
      );
    }
  }

  static override styles = [
    ...LockElement.styles,
    css`
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        padding-block: 4px;
      }

      .name {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        column-gap: 8px;
      }

      .icon-button {
        margin-inline-end: -12px;
      }

      .actions {
        margin-top: 8px;
      }

      .badge .icon {
        width: 14px;
        height: 14px;
        color: var(--tlu-error);
      }
    `,
  ];
}
