import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { define } from "../define";
import { Element } from "../base";

export type FieldKind = "text" | "password" | "time" | "date" | "datetime" | "number";

const SELECTORS: Record<FieldKind, Record<string, unknown>> = {
  text: { text: {} },
  password: { text: { autocomplete: "off" } },
  time: { time: { no_second: true } },
  date: { date: {} },
  datetime: { datetime: {} },
  number: { number: { mode: "box", min: 0, step: "any" } },
};

const NATIVE: Record<FieldKind, string> = {
  text: "text",
  password: "text",
  time: "time",
  date: "date",
  datetime: "datetime-local",
  number: "number",
};

/** How long Home Assistant may take to bring its own. */
const PATIENCE = 3000;

/**
 * A field in Home Assistant's own look, and in the person's time format.
 *
 * Values are strings: "09:30", "2027-01-31", "2027-01-31T09:30". Fires `changed`.
 */
@define("tlu-field")
export class Field extends Element {
  @property() kind: FieldKind = "text";
  @property() label = "";
  @property() helper = "";
  @property() unit = "";
  @property() value = "";
  @property({ type: Boolean }) required = false;
  @property({ type: Boolean }) disabled = false;

  @state() private native = false;

  override connectedCallback(): void {
    super.connectedCallback();
    if (!customElements.get("ha-selector")) {
      const timer = setTimeout(() => (this.native = true), PATIENCE);
      void customElements.whenDefined("ha-selector").then(() => {
        clearTimeout(timer);
        this.native = false;
        this.requestUpdate();
      });
    }
  }

  override render(): TemplateResult {
    if (!this.native) {
      return html`<ha-selector
        .hass=${this.ctx.hass}
        .selector=${this.selector}
        .label=${this.label}
        .helper=${this.helper || undefined}
        .value=${this.outer}
        .required=${this.required}
        .disabled=${this.disabled}
        @value-changed=${this.picked}
      ></ha-selector>`;
    }
    return html`<label>
        <span class="secondary">${this.label}</span>
        <input
          type=${NATIVE[this.kind]}
          inputmode=${this.kind === "password" ? "numeric" : "text"}
          autocomplete="off"
          .value=${this.value}
          ?required=${this.required}
          ?disabled=${this.disabled}
          @input=${this.typed}
        />
      </label>
      ${this.helper ? html`<p class="secondary">${this.helper}</p>` : ""}`;
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (changed.has("disabled")) {
      this.toggleAttribute("inert", this.disabled);
    }
  }

  private get selector(): Record<string, unknown> {
    const selector = SELECTORS[this.kind];
    return this.unit
      ? { number: { ...(selector.number as object), unit_of_measurement: this.unit } }
      : selector;
  }

  /** The value as the selector has it. */
  private get outer(): string | number | undefined {
    if (!this.value) {
      return undefined;
    }
    switch (this.kind) {
      case "datetime":
        return `${this.value.replace("T", " ")}:00`.slice(0, 19);
      case "time":
        return `${this.value}:00`;
      case "number":
        return Number(this.value);
      default:
        return this.value;
    }
  }

  private picked(event: CustomEvent<{ value?: string | number | null }>): void {
    event.stopPropagation();
    const value = String(event.detail.value ?? "");
    const lengths: Partial<Record<FieldKind, number>> = { datetime: 16, time: 5, date: 10 };
    this.set(value.replace(" ", this.kind === "datetime" ? "T" : " ").slice(0, lengths[this.kind]));
  }

  private typed(event: Event): void {
    this.set((event.target as HTMLInputElement).value);
  }

  private set(value: string): void {
    if (value !== this.value) {
      this.value = value;
      this.dispatchEvent(new CustomEvent("changed", { detail: value }));
    }
  }

  static override styles = [
    ...Element.styles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      ha-selector {
        display: block;
      }

      label {
        display: flex;
        flex-direction: column;
        gap: 4px;
      }

      input {
        min-height: 44px;
        padding: 8px 12px;
        font: inherit;
        color: inherit;
        background: var(
          --ha-color-form-background,
          var(--secondary-background-color, rgb(0 0 0 / 5%))
        );
        border: 1px solid var(--tlu-line);
        border-radius: 8px;
        width: 100%;
      }
    `,
  ];
}

/** The value of a `changed` event. */
export const valueOf = (event: Event): string => (event as CustomEvent<string>).detail;
