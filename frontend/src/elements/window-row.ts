import { css, html, nothing, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property } from "../define";
import { icon } from "../icons";
import { DAY_MINUTES, minuteOf, timeOf, type Row } from "../schedule";
import { field } from "./field";

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
        ${field(this.ctx, words.t("schedule.from_time"), timeOf(row.start), (value) => this.#change({ start: minuteOf(value) }), { kind: "time", required: true })}
        ${field(
          this.ctx,
          words.t("schedule.to_time"),
          timeOf(row.end % DAY_MINUTES),
          (value) =>
            // Midnight as an end is the one that ends the day.
            this.#change({ end: minuteOf(value) || DAY_MINUTES }),
          { kind: "time", required: true },
        )}
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
        border-radius: 22px;
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

      /* Side by side, AM and PM would be cut off. */
      @media (max-width: 380px) {
        .times {
          display: grid;
          grid-template-columns: 1fr auto;
        }

        tlu-field {
          grid-column: 1;
        }

        .times button {
          grid-area: 1 / 2;
        }
      }

      .problem {
        margin-top: 8px;
      }
    `,
  ];
}
