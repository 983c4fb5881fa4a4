/** Parts that several elements share. */

import { html, nothing, type TemplateResult } from "lit";
import { icon, type Icon } from "./icons";
import type { Delivery, HomeAssistant } from "./types";
import type { Words } from "./words";

/** A switch, with an optional line below its label. */
export const toggle = (
  on: boolean,
  label: string,
  set: (on: boolean) => void,
  help = "",
): TemplateResult =>
  html`<button class="switch" role="switch" aria-checked=${on} @click=${() => set(!on)}>
    <span class="track"></span>
    <span>${label}${help ? html`<br /><span class="secondary">${help}</span>` : nothing}</span>
  </button>`;

const keyed = (event: KeyboardEvent): void => {
  const group = event.currentTarget as HTMLElement;
  const options = [...group.querySelectorAll<HTMLElement>("[role=radio]")];
  const at = options.indexOf(event.target as HTMLElement);
  const forward = group.matches(":dir(rtl)") ? "ArrowLeft" : "ArrowRight";
  if (event.key.startsWith("Arrow") && at >= 0) {
    event.preventDefault();
    const step = event.key === "ArrowDown" || event.key === forward ? 1 : -1;
    const next = options[(at + step + options.length) % options.length]!;
    next.focus();
    next.click();
  }
};

export interface Choice<Value> {
  value: Value;
  label: unknown;
  icon?: Icon;
}

/** One of a few: as chips, or side by side in one piece. Arrow keys move. */
export const choices = <Value>(
  label: string,
  options: readonly Choice<Value>[],
  chosen: Value | null | undefined,
  choose: (value: Value) => void,
  { look = "chips", disabled = false }: { look?: "chips" | "segments"; disabled?: boolean } = {},
): TemplateResult => {
  const reachable = options.some(({ value }) => value === chosen) ? chosen : options[0]?.value;
  return html`<div class=${look} role="radiogroup" aria-label=${label} @keydown=${keyed}>
    ${options.map(
      (option) =>
        html`<button
          class="chip"
          role="radio"
          aria-checked=${option.value === chosen}
          tabindex=${option.value === reachable ? 0 : -1}
          ?disabled=${disabled}
          @click=${() => choose(option.value)}
        >
          ${option.icon ? icon(option.icon, "small") : nothing} ${option.label}
        </button>`,
    )}
  </div>`;
};

/** A note with an icon, and what one can do about it. */
export const note = (
  kind: "info" | "warning" | "error",
  text: unknown,
  more: unknown = nothing,
  symbol: Icon = kind === "info" ? "info" : kind === "error" ? "error" : "alert",
): TemplateResult =>
  html`<div class="note ${kind}" role=${kind === "error" ? "alert" : nothing}>
    ${icon(symbol)}<span class="text">${text}</span>${more}
  </div>`;

export const loading = (words: Words): TemplateResult =>
  html`<div class="empty" role="status">
    <span class="spinner"></span> ${words.t("states.loading")}
  </div>`;

/** In the place of a list: that there is nothing, and what one can do. */
export const empty = (symbol: Icon, title: string, more: unknown = nothing): TemplateResult =>
  html`<div class="card empty">
    ${icon(symbol)}
    <h2>${title}</h2>
    ${more}
  </div>`;

/** Few characters or an icon for the eye, and their meaning in words. */
export const mark = (text: string, shown: string, look: string, symbol?: Icon): TemplateResult =>
  html`<span class="mark ${look}" title=${text}>
    ${symbol ? icon(symbol, "small") : nothing}
    <span aria-hidden="true">${shown}</span>
    <span class="hidden-text">${text}</span>
  </span>`;

/** How far a change is, unless it is done. */
export const delivery = (
  words: Words,
  status: Delivery | null | undefined,
): TemplateResult | typeof nothing =>
  status === "ongoing"
    ? html`<span class="delivery">
        <span class="spinner"></span> ${words.t("users.on_its_way")}
      </span>`
    : status === "failed"
      ? html`<span class="delivery failed">
          ${icon("error", "small")} ${words.t("users.delivery_failed")}
        </span>`
      : nothing;

/** Whose times are shown, where the device or the home has others. */
export const zoneNote = (
  words: Words,
  hass: HomeAssistant,
  zone: string,
): TemplateResult | typeof nothing =>
  [Intl.DateTimeFormat().resolvedOptions().timeZone, hass.config?.time_zone ?? zone].every(
    (each) => each === zone,
  )
    ? nothing
    : html`<p class="secondary zone">
        ${icon("clock", "small")} ${words.t("schedule.zone", { zone })}
      </p>`;
