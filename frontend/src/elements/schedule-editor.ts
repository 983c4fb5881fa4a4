import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property, state } from "../define";
import { icon } from "../icons";
import {
  blocksOf,
  check,
  draftOf,
  isOpen,
  isValid,
  nextChange,
  rowsOf,
  type Block,
  type Draft,
  type Problem,
  type Row,
} from "../schedule";
import { DOMAIN, type Lock, type User } from "../types";
import { addDays, dayAndMinute, wallOf } from "../zones";
import { choices, toggle, zoneNote } from "../parts";
import { loadTexts } from "../words";
import { valueOf } from "./field";
import "./pick-user";
import "./week-grid";
import "./window-row";

/** A schedule to change. Fires `changed` with the draft. */
@define("tlu-schedule-editor")
export class ScheduleEditor extends Element {
  @property() lock!: Lock;
  @property() user!: User;
  /** Whose schedules may be copied. */
  @property() others: User[] = [];
  @property() draft!: Draft;

  @state() private copying = false;
  @state() private problems: Partial<Record<Problem, string>> = {};

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#loadProblems();
  }

  /** An invalid draft is explained with the text of the refusal. */
  async #loadProblems(): Promise<void> {
    const localize = await loadTexts(this.ctx.hass, "exceptions", DOMAIN);
    const text = (key: Problem): string =>
      localize(`component.${DOMAIN}.exceptions.${key}.message`);
    this.problems = {
      end_before_start: text("end_before_start"),
      window_without_day: text("window_without_day"),
      window_ends_before_start: text("window_ends_before_start"),
    };
  }

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { draft } = this;
    return html`${choices(
      words.t("schedule.mode", { user: words.user(this.user) }),
      [
        { value: true, label: words.t("schedule.always") },
        { value: false, label: words.t("schedule.limited") },
      ],
      draft.permanent,
      (permanent) => this.#change({ permanent }),
      { look: "segments" },
    )}
    ${draft.permanent ? nothing : this.#renderLimits()}`;
  }

  #renderLimits(): TemplateResult {
    const { words } = this.ctx;
    const { draft, lock } = this;
    const problems = check(draft);
    const week = [0, 1, 2, 3, 4, 5, 6];
    const isWorkday = (day: number): boolean => !words.weekend.includes(day);
    return html`
      ${zoneNote(words, this.ctx.hass, lock.time_zone)}
      <div class="chips presets" role="group" aria-label=${words.t("schedule.presets")}>
        ${this.#preset("weekdays", week.filter(isWorkday), 480, 1080)}
        ${this.#preset("weekend", words.weekend, 0, 1440)}
        ${this.#preset("every_day", week, 480, 1200)}
        <button class="chip" @click=${this.#nextDay}>${words.t("schedule.preset_day")}</button>
        ${
          this.others.length
            ? html`<button class="chip" @click=${() => (this.copying = true)}>
                ${icon("copy", "small")} ${words.t("schedule.copy_from")}
              </button>`
            : nothing
        }
      </div>
      <h4>${words.t("schedule.hours")}</h4>
      <p class="secondary hint">
        ${draft.rows.length ? "" : words.t("schedule.any_hour")}
        ${words.t(
          matchMedia("(pointer: coarse)").matches
            ? "schedule.week_hint_touch"
            : "schedule.week_hint",
        )}
      </p>
      <tlu-week-grid
        .ctx=${this.ctx}
        .blocks=${blocksOf(draft.rows)}
        .now=${dayAndMinute(wallOf(Date.now(), lock.time_zone))}
        @painted=${(event: CustomEvent<Block[]>) => this.#change({ rows: rowsOf(event.detail) })}
        @picked=${this.#picked}
      ></tlu-week-grid>
      <div class="rows stack">
        ${draft.rows.map(
          (row, index) =>
            html`<tlu-window-row
              .ctx=${this.ctx}
              .row=${row}
              .number=${index + 1}
              .problem=${(problems.rows[index] && this.problems[problems.rows[index]]) ?? ""}
              @changed=${(event: CustomEvent<Row | null>) => this.#changeRow(index, event.detail)}
            ></tlu-window-row>`,
        )}
      </div>
      <button class="button plain flush add" @click=${this.#addRow}>
        ${icon("plus")} ${words.t("schedule.add_row")}
      </button>
      ${this.#renderBound("from")} ${this.#renderBound("until")}
      ${
        problems.range
          ? html`<p class="problem" role="alert">${this.problems[problems.range]}</p>`
          : nothing
      }
      ${
        this.copying
          ? html`<tlu-pick-user
              .ctx=${this.ctx}
              .heading=${words.t("schedule.copy_title")}
              .users=${this.others}
              @picked=${this.#copied}
              @close=${() => (this.copying = false)}
            ></tlu-pick-user>`
          : nothing
      }
    `;
  }

  /** A date on which access starts or ends; the switch sets whether there is one. */
  #renderBound(bound: "from" | "until"): TemplateResult {
    const { words } = this.ctx;
    const value = this.draft[bound];
    const isStart = bound === "from";
    return html`<div class="bound">
      ${toggle(value !== null, words.t(isStart ? "schedule.starts" : "schedule.ends"), (on) =>
        this.#change({ [bound]: on ? this.#suggested(isStart) : null }),
      )}
      ${
        value === null
          ? nothing
          : html`<tlu-moment
              .ctx=${this.ctx}
              .timeLabel=${words.t(isStart ? "schedule.start_time" : "schedule.end_time")}
              .label=${words.t(isStart ? "schedule.start" : "schedule.end")}
              .value=${value}
              @changed=${(event: Event) => this.#change({ [bound]: valueOf(event) || null })}
            ></tlu-moment>`
      }
    </div>`;
  }

  /** The draft in words, and when access starts or ends next. */
  static summary(
    ctx: Element["ctx"],
    draft: Draft,
    zone: string,
    now: number,
  ): { text: string; next: string } {
    const { words } = ctx;
    const text = words.schedule(draft, zone, now);
    if (draft.permanent) {
      return { text, next: "" };
    }
    const change = nextChange(draft, now, zone);
    if (!change) {
      return { text, next: isOpen(draft, now, zone) ? "" : words.t("schedule.never") };
    }
    return {
      text,
      next: words.t(change.opens ? "schedule.next_open" : "schedule.next_close", {
        time: words.moment(change.at, zone, now),
      }),
    };
  }

  /** Whether a draft can be saved as it is. */
  static isComplete(draft: Draft): boolean {
    return (
      draft.permanent ||
      (isValid(draft) && (draft.from !== null || draft.until !== null || draft.rows.length > 0))
    );
  }

  #suggested(isStart: boolean): string {
    const today = wallOf(Date.now(), this.lock.time_zone).slice(0, 10);
    if (isStart) {
      return `${today}T00:00`;
    }
    const from = this.draft.from?.slice(0, 10) ?? today;
    return `${addDays(from > today ? from : today, 7)}T23:59`;
  }

  #preset(
    key: "weekdays" | "weekend" | "every_day",
    days: number[],
    start: number,
    end: number,
  ): TemplateResult {
    return html`<button class="chip" @click=${() => this.#change({ rows: [{ days, start, end }] })}>
      ${this.ctx.words.t(`schedule.preset_${key}`)}
    </button>`;
  }

  #nextDay(): void {
    const zone = this.lock.time_zone;
    const now = Date.now();
    this.#change({
      from: wallOf(now, zone).slice(0, 16),
      until: wallOf(now + 86_400_000, zone).slice(0, 16),
      rows: [],
    });
  }

  #copied(event: CustomEvent<User>): void {
    this.copying = false;
    this.#change({ ...draftOf(event.detail.schedule) });
  }

  #addRow(): void {
    this.#change({ rows: [...this.draft.rows, { days: [], start: 540, end: 720 }] });
    void this.#focusRow(this.draft.rows.length);
  }

  #changeRow(index: number, row: Row | null): void {
    this.#change({
      rows: this.draft.rows.flatMap((each, at) => (at === index ? (row ? [row] : []) : [each])),
    });
  }

  #picked(event: CustomEvent<Block>): void {
    const { day, start } = event.detail;
    const index = this.draft.rows.findIndex(
      (row) => row.days.includes(day) && row.start <= start && start < row.end,
    );
    void this.#focusRow(index);
  }

  async #focusRow(index: number): Promise<void> {
    await this.updateComplete;
    await new Promise(requestAnimationFrame);
    const row = this.renderRoot.querySelectorAll<HTMLElement>("tlu-window-row")[index];
    row?.scrollIntoView({ block: "center" });
    row?.focus();
  }

  #change(part: Partial<Draft>): void {
    this.fire("changed", { ...this.draft, ...part });
  }

  static override styles = [
    ...Element.styles,
    css`
      .presets {
        margin-block: 16px;
      }

      .bound tlu-moment {
        margin-bottom: 12px;
      }

      h4 {
        margin-top: 16px;
      }

      .hint {
        margin-bottom: 8px;
      }

      .rows {
        margin-top: 16px;
      }

      .add {
        margin-top: 8px;
      }

      .problem {
        margin-block: 4px 8px;
      }
    `,
  ];
}
