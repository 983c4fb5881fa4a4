import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import { icon } from "../icons";
import { DAY_MINUTES, minuteOf, timeOf, type Row } from "../schedule";
import { valueOf } from "./field";

/** Days and hours to the minute. Fires `changed` with the row, or null to remove it. */
@define("tlu-window-row")
export class WindowRow extends Element {
  @property() row!: Row;
  @property({ type: Number }) number = 1;
  @property() problem = "";

  override render(): TemplateResult {
    const { words } = this.ctx;
    const { row } = this;
    return html`<fieldset aria-describedby=${this.problem ? "problem" : nothing}>
      <legend class="hidden-text">${words.t("schedule.row", { number: this.number })}</legend>
      <div class="days" role="group" aria-label=${words.t("schedule.days")}>
        ${words.week.map((day) => {
          const chosen = row.days.includes(day);
          return html`<button
            class="day"
            aria-label=${words.day(day, "long")}
            aria-pressed=${chosen}
            @click=${() =>
              this.#change({
                days: chosen ? row.days.filter((each) => each !== day) : [...row.days, day],
              })}
          >
            ${words.day(day, "narrow")}
          </button>`;
        })}
      </div>
      <div class="times">
        <tlu-field
          .ctx=${this.ctx}
          kind="time"
          required
          .label=${words.t("schedule.from_time")}
          .value=${timeOf(row.start)}
          @changed=${(event: Event) => this.#change({ start: minuteOf(valueOf(event)) })}
        ></tlu-field>
        <tlu-field
          .ctx=${this.ctx}
          kind="time"
          required
          .label=${words.t("schedule.to_time")}
          .value=${timeOf(row.end % DAY_MINUTES)}
          @changed=${(event: Event) =>
            // Midnight as an end is the one that ends the day.
            this.#change({ end: minuteOf(valueOf(event)) || DAY_MINUTES })}
        ></tlu-field>
        <button
          class="icon-button"
          aria-label=${words.t("schedule.remove_row")}
          @click=${() => this.#fire(null)}
        >
          ${icon("delete")}
        </button>
      </div>
      ${this.problem ? html`<p id="problem" class="problem">${this.problem}</p>` : nothing}
    </fieldset>`;
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(".day")?.focus();
  }

  #change(part: Partial<Row>): void {
    this.#fire({ ...this.row, ...part });
  }

  #fire(row: Row | null): void {
    this.fire("changed", row);
  }

  static override styles = [
    ...Element.styles,
    css`
      fieldset {
        margin: 0;
        padding: 12px;
        border: 1px solid var(--tlu-line);
        border-radius: var(--tlu-radius);
        min-width: 0;
      }

      .days {
        display: flex;
        justify-content: space-between;
        gap: 2px;
        margin-bottom: 12px;
        max-width: 400px;
      }

      .day {
        width: 44px;
        height: 44px;
        flex: 0 1 44px;
        border-radius: 50%;
        border: 1px solid var(--tlu-line);
        font-weight: 500;
      }

      .day[aria-pressed="true"] {
        border-color: var(--tlu-main);
        background: color-mix(in srgb, var(--tlu-main) 25%, var(--tlu-card));
      }

      .times {
        display: flex;
        align-items: end;
        gap: 8px;
      }

      tlu-field {
        flex: 1;
        max-width: 180px;
      }

      .times button {
        margin-inline-start: auto;
      }

      .problem {
        margin-top: 8px;
        color: var(--tlu-danger-text);
      }
    `,
  ];
}
