import { css, html, nothing, type TemplateResult } from "lit";
import { icon, iconOf } from "../icons";
import type { Method } from "../types";
import type { Key, Words } from "../words";

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
];

const isPhase = (phase: string): phase is Key extends `methods.phase.${infer P}` ? P : never =>
  PHASES.includes(phase);

/** What a method is, as the start of a row. */
export const methodRow = (words: Words, method: Method): TemplateResult => {
  const { phase } = method;
  const facts = [
    ...(method.name ? [words.t("methods.named", typed(words, method))] : []),
    ...(phase && isPhase(phase) ? [words.t(`methods.phase.${phase}`)] : []),
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
      ${
        method.delivery_status === "ongoing"
          ? html`<span class="way"
              ><span class="spinner"></span> ${words.t("users.on_its_way")}</span
            >`
          : nothing
      }
      ${
        method.delivery_status === "failed"
          ? html`<span class="way failed">
              ${icon("error", "small")} ${words.t("users.delivery_failed")}
            </span>`
          : nothing
      }
    </span>`;
};

const typed = (words: Words, method: Method): { type: string; number: string } => ({
  type: words.type(method.type),
  number: String(method.number),
});

export const methodStyles = css`
  li {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 56px;
  }

  .what {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
    padding-block: 6px;
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

  .badge {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 0 8px;
    border-radius: 10px;
    font-size: 12px;
    line-height: 20px;
    background: color-mix(in srgb, var(--primary-text-color, #212121) 9%, transparent);
  }

  .badge .icon {
    width: 14px;
    height: 14px;
    color: var(--error-color, #db4437);
  }

  .way {
    display: flex;
    align-items: center;
    gap: 8px;
  }

  .way .spinner {
    width: 14px;
    height: 14px;
  }

  .way.failed .icon {
    color: var(--error-color, #db4437);
  }
`;
