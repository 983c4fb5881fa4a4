import { css, html, nothing, type TemplateResult } from "lit";
import { Element, LockElement } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import { blocksOf, windowsOf, type Row } from "../schedule";
import type { Password, PasswordStatus } from "../types";
import { addDays, dayAndMinute, isoOf, wallOf } from "../zones";
import { choices, note, toggle } from "../parts";
import { field, valueOf } from "./field";
import "./dialog";
import "./window-row";

/** A code to show once. */
export interface NewCode {
  title: string;
  password: string;
  text: string;
  pending?: boolean;
}

const SPANS = ["today", "this_weekend", "week", "custom"] as const;
type Span = (typeof SPANS)[number];

const KINDS = ["once", "multiple", "clear_one", "clear_all"] as const;
type Kind = (typeof KINDS)[number];

/** First and last moment of a span, as wall clocks of the lock. */
export const spanOf = (
  span: Span,
  now: string,
  weekend: readonly number[],
): [start: string, end: string] => {
  const today = now.slice(0, 10);
  const minute = now.slice(0, 16);
  switch (span) {
    case "this_weekend": {
      const [day] = dayAndMinute(`${today}T00:00`);
      let first = 0;
      while (!weekend.includes((day + first) % 7)) {
        first++;
      }
      let last = first;
      while (weekend.includes((day + last + 1) % 7)) {
        last++;
      }
      // During the weekend, this is the rest of it.
      return [first ? `${addDays(today, first)}T00:00` : minute, `${addDays(today, last)}T23:59`];
    }
    case "today":
      return [minute, `${today}T23:59`];
    default:
      return [minute, `${addDays(today, 7)}${minute.slice(10)}`];
  }
};

/** Make a temporary password or an offline one. Fires `made` with the code. */
@define("tlu-password-dialog")
export class PasswordDialog extends LockElement {
  @property({ type: Boolean }) offline = false;
  /** What an offline password may cancel. */
  @property() passwords: Password[] = [];

  @state() private name = "";
  @state() private code = "";
  @state() private span: Span = "today";
  @state() private start = "";
  @state() private end = "";
  @state() private oneTime = false;
  @state() private row: Row | null = null;
  @state() private kind: Kind = "once";
  @state() private clears = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.#choose("today");
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    return html`<tlu-dialog
      .ctx=${this.ctx}
      .heading=${words.t(this.offline ? "passwords.offline_title" : "passwords.add_title", {
        lock: this.lock.name,
      })}
      @close=${this.close}
    >
      <div class="form">
        ${field(this.ctx, words.t("passwords.name"), this.name, (value) => (this.name = value), { required: true, first: true })}
        ${this.offline ? this.#renderKind() : nothing}
        ${this.#hasSpan ? this.#renderSpan() : nothing}
        ${this.offline ? nothing : this.#renderMore()} ${this.renderError()}
      </div>
      ${this.footer("make", words.t("passwords.make"), this.#make, this.#isComplete)}
    </tlu-dialog>`;
  }

  #renderSpan(): TemplateResult {
    const { words } = this.ctx;
    return html`${choices(
      words.t("passwords.valid"),
      SPANS.map((value) => ({ value, label: words.t(`passwords.${value}`) })),
      this.span,
      (span) => this.#choose(span),
    )}
    ${(["start", "end"] as const).map(
      (bound) =>
        html`<tlu-moment
          .ctx=${this.ctx}
          .timeLabel=${words.t(`schedule.${bound}_time`)}
          .label=${words.t(`passwords.${bound}`)}
          .value=${this[bound]}
          @changed=${(event: Event) => {
            this[bound] = valueOf(event);
            this.span = "custom";
          }}
        ></tlu-moment>`,
    )}`;
  }

  #renderMore(): TemplateResult {
    const { words } = this.ctx;
    return html`${toggle(this.oneTime, words.t("passwords.one_time"), (on) => (this.oneTime = on))}
    ${toggle(
      this.row !== null,
      words.t("passwords.hours"),
      (on) => (this.row = on ? { days: [0, 1, 2, 3, 4, 5, 6], start: 540, end: 1080 } : null),
    )}
    ${
      this.row
        ? html`<tlu-window-row
            .ctx=${this.ctx}
            .row=${this.row}
            @changed=${(event: CustomEvent<Row | null>) => (this.row = event.detail)}
          ></tlu-window-row>`
        : nothing
    }
    ${field(this.ctx, words.t("passwords.code"), this.code, (value) => (this.code = value), { kind: "password", helper: words.t("passwords.code_help") })}`;
  }

  #renderKind(): TemplateResult {
    const { words } = this.ctx;
    return html`<p class="secondary">${words.t("passwords.offline_text")}</p>
      ${choices(
        words.t("passwords.kind"),
        KINDS.map((value) => ({ value, label: words.t(`passwords.kind_${value}`) })),
        this.kind,
        (kind) => (this.kind = kind),
      )}
      ${
        this.kind === "clear_one"
          ? field(
              this.ctx,
              words.t("passwords.clears"),
              this.clears,
              (value) => (this.clears = value),
              { required: true },
            )
          : nothing
      }`;
  }

  get #hasSpan(): boolean {
    return !this.offline || this.kind === "multiple";
  }

  get #isComplete(): boolean {
    return (
      this.name.trim() !== "" &&
      /^\d*$/.test(this.code) &&
      (!this.#hasSpan || (this.start !== "" && this.end > this.start)) &&
      (this.row === null || blocksOf([this.row]).length > 0) &&
      (!this.offline || this.kind !== "clear_one" || this.clears.trim() !== "")
    );
  }

  #choose(span: Span): void {
    this.span = span;
    if (span !== "custom") {
      [this.start, this.end] = spanOf(
        span,
        wallOf(Date.now(), this.lock.time_zone),
        this.ctx.words.weekend,
      );
    }
  }

  async #make(): Promise<void> {
    const { words } = this.ctx;
    const name = this.name.trim();
    const zone = this.lock.time_zone;
    const span = this.#hasSpan
      ? { start: isoOf(this.start, zone), end: isoOf(this.end, zone) }
      : {};
    const more = this.offline
      ? {
          kind: this.kind,
          ...(this.kind === "clear_one" ? { password_id: this.clears.trim() } : {}),
        }
      : {
          ...(this.code ? { password: this.code } : {}),
          ...(this.oneTime ? { one_time: true } : {}),
          ...(this.row ? { windows: windowsOf([this.row]) } : {}),
        };
    const answer = await this.write<{ password: string; status?: PasswordStatus }>(
      "make",
      this.offline ? "add_offline_password" : "add_password",
      { name, ...span, ...more },
    );
    this.code = "";
    if (answer) {
      const detail: NewCode = {
        title: words.t("passwords.new_title", { name }),
        password: answer.password,
        text: words.t("passwords.once"),
        pending: answer.status === "pending",
      };
      this.fire("made", detail);
    }
  }
}

/** Show a code once, large enough to read out, and copy it. */
@define("tlu-code-dialog")
export class CodeDialog extends Element {
  @property() code!: NewCode;

  @state() private copied = false;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { title, password, text, pending } = this.code;
    return html`<tlu-dialog stays .ctx=${this.ctx} .heading=${title} @close=${this.close}>
      <div class="form">
        <output dir="ltr">${password}</output>
        <button class="button tonal copy" @click=${this.#copy}>
          ${icon(this.copied ? "check" : "copy", "small")}
          ${words.t(this.copied ? "common.copied" : "common.copy")}
        </button>
        <p>${text}</p>
        ${
          pending ? note("warning", words.t("passwords.pending_note"), nothing, "pending") : nothing
        }
      </div>
    </tlu-dialog>`;
  }

  async #copy(): Promise<void> {
    const { password } = this.code;
    try {
      await navigator.clipboard.writeText(password);
    } catch {
      // No clipboard without https: select it, so that one key copies it.
      const output = this.renderRoot.querySelector("output")!;
      getSelection()?.selectAllChildren(output);
      return;
    }
    this.copied = true;
  }

  static override styles = [
    ...Element.styles,
    css`
      .form {
        align-items: center;
        text-align: center;
      }

      .form > .copy {
        align-self: center;
      }

      output {
        font-size: 40px;
        line-height: 56px;
        letter-spacing: 4px;
        font-variant-numeric: tabular-nums;
        user-select: all;
        overflow-wrap: anywhere;
      }

      .note {
        text-align: start;
      }
    `,
  ];
}
