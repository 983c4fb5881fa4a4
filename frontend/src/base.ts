import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property } from "./define";
import { call, type ActionError } from "./actions";
import { icon, type Icon } from "./icons";
import { loading, note } from "./parts";
import { DOMAIN, type HomeAssistant, type Lock, type LockUsers } from "./types";
import { shared } from "./styles";
import type { Words } from "./words";

export interface Question {
  title: string;
  text: string;
  /** The verb on the button. */
  action: string;
  danger?: boolean;
}

interface ButtonOptions {
  look?: string;
  symbol?: Icon;
  disabled?: boolean;
  /** What it is about, where several have the same label. */
  of?: string;
  /** Why it cannot be used, which is shown if it is pressed. */
  why?: string | undefined;
}

/** The data that elements of the panel share; replaced with each change. */
export interface Context {
  readonly hass: HomeAssistant;
  readonly words: Words;
  /** Whether the connection is there: nothing is written without it. */
  readonly connected: boolean;
  readonly confirm: (question: Question) => Promise<boolean>;
  /** Show a result, and announce it to screen readers. */
  readonly announce: (text: string) => void;
  /** Go to a place below a lock, such as a user. */
  readonly navigate: (...path: string[]) => void;
}

/** An element of the panel. */
export class Element extends LitElement {
  static override styles = [shared];

  @property() ctx!: Context;

  protected fire(event: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  /** Ask to be closed. */
  protected readonly close = (): void => this.fire("close");

  /** Whether an action of the integration is there. */
  protected has(action: string): boolean {
    return this.ctx.hass.services[DOMAIN]?.[action] !== undefined;
  }

  /** A row that changes its place keeps the focus. */
  protected override update(changed: PropertyValues): void {
    const focused = this.shadowRoot?.activeElement as HTMLElement | null | undefined;
    super.update(changed);
    if (focused !== this.shadowRoot?.activeElement && focused?.isConnected) {
      focused.focus();
    }
  }
}

/** An element that shows something of one lock. */
export class LockElement extends Element {
  @property() lock!: Lock;
  @property() users!: LockUsers;

  /** Running operations, so that none is started twice. */
  @property() protected busy = "";
  @property() protected error = "";
  /** The key of the refusal that `error` is the text of. */
  protected errorKey: string | null = null;

  /** Nothing is written without a connection, and one thing after the other. */
  protected get blocked(): boolean {
    return !this.ctx.connected || this.busy !== "";
  }

  /** Why the last write was refused, and what one can do about it. */
  protected renderError(more: unknown = nothing): TemplateResult | typeof nothing {
    return this.error ? note("error", this.error, more) : nothing;
  }

  /**
   * A button that writes. While its own write is under way, a spinner is shown instead of
   * its symbol, or else of its label: the button keeps its width.
   */
  protected button(
    name: string,
    label: string,
    click: () => unknown,
    { look = "tonal", symbol, disabled = false, of, why }: ButtonOptions = {},
  ): TemplateResult {
    return html`<button
      class="button ${look} ${name} ${this.busy === name && !symbol ? "waiting" : ""}"
      aria-label=${of ? `${label}: ${of}` : nothing}
      aria-disabled=${why ? "true" : nothing}
      title=${why ?? nothing}
      ?disabled=${disabled || this.blocked}
      @click=${why ? () => (this.error = why) : click}
    >
      ${
        this.busy === name
          ? html`<span class="spinner"></span>`
          : symbol
            ? icon(symbol, "small")
            : nothing
      }
      <span>${label}</span>
    </button>`;
  }

  /** What a dialog is for, and the way out. */
  protected footer(
    name: string,
    label: string,
    act: () => unknown,
    ready: boolean,
  ): TemplateResult {
    return html`<div slot="footer">
      <button class="button plain" @click=${this.close}>
        ${this.ctx.words.t("common.cancel")}
      </button>
      ${this.button(name, label, act, { look: "filled", disabled: !ready })}
    </div>`;
  }

  /** What came of a write: what was asked for, or that the lock has yet to take it. */
  protected outcome(answer: unknown, text: string): string {
    return JSON.stringify(answer).includes('"ongoing"')
      ? this.ctx.words.t("common.on_its_way", { lock: this.lock.name })
      : text;
  }

  protected announce(answer: unknown, text: string): void {
    this.ctx.announce(this.outcome(answer, text));
  }

  /**
   * Run one write: busy meanwhile, and a refusal is shown in place.
   *
   * Returns the response, or undefined if it was refused.
   */
  protected async write<Answer>(
    name: string,
    action: string,
    fields: Record<string, unknown>,
  ): Promise<Answer | undefined> {
    if (this.busy || !this.ctx.connected) {
      return undefined;
    }
    this.busy = name;
    this.error = "";
    try {
      return await call<Answer>(this.ctx, this.lock, action, fields);
    } catch (err) {
      const { message, key } = err as ActionError;
      this.error = message;
      this.errorKey = key;
      return undefined;
    } finally {
      this.busy = "";
    }
  }
}

/** An element that reads what it shows once: when it is opened, or connected again. */
export abstract class ReadingElement extends LockElement {
  #asked = false;

  /** That it reads, or why it could not. */
  protected renderReading(): TemplateResult {
    const { words } = this.ctx;
    const again = html`<button class="button plain" @click=${() => void this.read()}>
      ${words.t("common.retry")}
    </button>`;
    return html`${this.renderError(this.isRead ? nothing : again)}
    ${this.busy === "read" && !this.isRead ? loading(words) : nothing}`;
  }

  protected abstract get isRead(): boolean;
  protected abstract read(): Promise<void>;

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!this.ctx.connected) {
      this.#asked = false;
    } else if (!this.#asked && !this.isRead) {
      this.#asked = true;
      void this.read();
    }
  }
}
