import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { define, property, state } from "../define";
import { Element } from "../base";

export type FieldKind = "text" | "password" | "time" | "date" | "number";

const SELECTORS: Record<FieldKind, Record<string, unknown>> = {
  text: { text: {} },
  password: { text: { autocomplete: "off" } },
  time: { time: { no_second: true } },
  date: { date: {} },
  number: { number: { mode: "box", min: 0, step: "any" } },
};

/** How long Home Assistant may take to bring its own. */
const PATIENCE = 3000;

/**
 * A field in Home Assistant's own look, and in the person's time format.
 *
 * Values are strings: "09:30", "2027-01-31". Fires `changed`.
 */
@define("tlu-field")
export class Field extends Element {
  @property({}) kind: FieldKind = "text";
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
        .selector=${this.#selector}
        .label=${this.label}
        .helper=${this.helper || undefined}
        .value=${this.#outer}
        .required=${this.required}
        .disabled=${this.disabled}
        @value-changed=${this.#picked}
      ></ha-selector>`;
    }
    return html`<label>
        <span class="secondary">${this.label}</span>
        <input
          class="input"
          type=${this.kind === "password" ? "text" : this.kind}
          inputmode=${this.kind === "password" ? "numeric" : "text"}
          autocomplete="off"
          .value=${this.value}
          ?required=${this.required}
          ?disabled=${this.disabled}
          @input=${this.#typed}
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

  /** Home Assistant loads what its selector shows when it is first shown. */
  override async focus(): Promise<void> {
    for (let tries = 0; tries < 20 && !this.matches(":focus-within"); tries++) {
      this.renderRoot.querySelector<HTMLElement>("ha-selector, input")?.focus();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  get #selector(): Record<string, unknown> {
    const selector = SELECTORS[this.kind];
    return this.unit
      ? { number: { ...(selector.number as object), unit_of_measurement: this.unit } }
      : selector;
  }

  /** The value as the selector has it. */
  get #outer(): string | number | undefined {
    if (!this.value) {
      return undefined;
    }
    switch (this.kind) {
      case "time":
        return `${this.value}:00`;
      case "number":
        return Number(this.value);
      default:
        return this.value;
    }
  }

  #picked(event: CustomEvent<{ value?: string | number | null }>): void {
    event.stopPropagation();
    const value = String(event.detail.value ?? "");
    this.#set(this.kind === "time" ? value.slice(0, 5) : value);
  }

  #typed(event: Event): void {
    this.#set((event.target as HTMLInputElement).value);
  }

  #set(value: string): void {
    if (value !== this.value) {
      this.value = value;
      this.fire("changed", value);
    }
  }

  static override styles = [
    ...Element.styles,
    css`
      :host {
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
        width: 100%;
      }
    `,
  ];
}

interface FieldOptions {
  kind?: FieldKind;
  helper?: string;
  unit?: string | undefined;
  required?: boolean;
  /** Whether it has the focus when its dialog opens. */
  first?: boolean;
}

export const field = (
  ctx: Element["ctx"],
  label: string,
  value: string,
  change: (value: string) => void,
  { kind = "text", helper = "", unit = "", required = false, first = false }: FieldOptions = {},
): TemplateResult =>
  html`<tlu-field
    ?data-focus=${first}
    .ctx=${ctx}
    .kind=${kind}
    .label=${label}
    .helper=${helper}
    .unit=${unit}
    .required=${required}
    .value=${value}
    @changed=${(event: Event) => change(valueOf(event))}
  ></tlu-field>`;

/** A date and a time of day side by side: "2027-01-31T09:30". Fires `changed`. */
@define("tlu-moment")
export class Moment extends Element {
  @property() label = "";
  @property() timeLabel = "";
  @property() value = "";

  override render(): TemplateResult {
    const [date, time] = this.value.split("T");
    return html`${field(this.ctx, this.label, date ?? "", (value) => this.#change(value, time), { kind: "date" })}
    ${field(this.ctx, this.timeLabel, time ?? "", (value) => this.#change(date, value), { kind: "time", required: true })}`;
  }

  #change(date: string | undefined, time: string | undefined): void {
    // Without a date there is no moment, whatever the time.
    const value = date ? `${date}T${time ?? "00:00"}` : "";
    this.fire("changed", value);
  }

  static override styles = [
    ...Element.styles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        gap: 12px;
      }

      tlu-field {
        flex: 1 1 150px;
      }

      /* Home Assistant leaves this room below a date, and none below a time. */
      tlu-field + tlu-field {
        padding-bottom: 8px;
      }
    `,
  ];
}

/** The value of a `changed` event. */
export const valueOf = (event: Event): string => (event as CustomEvent<string>).detail;
