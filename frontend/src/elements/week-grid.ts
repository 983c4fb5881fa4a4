import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Element } from "../base";
import { define, property, state } from "../define";
import { DAY_MINUTES, merged, moved, resized, type Block } from "../schedule";

/** Painting snaps to half hours, keys move by a quarter. */
const PAINTED = 30;
const KEY_STEP = 15;
/** A tap adds an hour. */
const TAPPED = 60;

interface Painting {
  mode: "paint" | "start" | "end";
  /** The block that is resized. */
  block: Block | undefined;
  from: { day: number; minute: number };
  to: { day: number; minute: number };
}

const percent = (minute: number): string => `${(minute / DAY_MINUTES) * 100}%`;

const isSameBlock = (a: Block, b: Block): boolean => a.day === b.day && a.start === b.start;

/**
 * A week to paint hours in.
 *
 * Mouse and pen paint by dragging, over several days at once, and resize at the edges.
 * A finger does not drag, as that scrolls: it taps. Fires `painted` with all blocks,
 * and `picked` with the block whose exact times are wanted.
 */
@define("tlu-week-grid")
export class WeekGrid extends Element {
  @property() blocks: Block[] = [];
  /** Day and minute of now in the zone of the lock. */
  @property() now: [day: number, minute: number] | null = null;

  @state() private painting: Painting | undefined;

  /** The block to focus after the next update. */
  #focused: Block | undefined;

  override render(): TemplateResult {
    const { words } = this.ctx;
    const shown = this.painting ? this.#preview(this.painting) : this.blocks;
    return html`<div
      class="week"
      role="group"
      aria-label=${words.t("schedule.week")}
      aria-describedby="keys"
    >
      <p id="keys" class="hidden-text">${words.t("schedule.week_keys")}</p>
      <div class="names" aria-hidden="true">
        ${words.week.map(
          (day) =>
            html`<span class=${this.now?.[0] === day ? "today" : ""}
              >${words.day(day, "short")}</span
            >`,
        )}
      </div>
      <div class="hours" aria-hidden="true">
        ${[0, 6, 12, 18, 24].map(
          (hour) =>
            html`<span style="top: ${percent(hour * 60)}"
              ><bdi>${words.shortTime(hour * 60)}</bdi></span
            >`,
        )}
      </div>
      <div
        class="days"
        @pointerdown=${this.#pressed}
        @pointermove=${this.#dragged}
        @pointerup=${this.#released}
        @pointercancel=${this.#cancelled}
      >
        ${words.week.map(
          (day) =>
            html`<div class="day ${this.now?.[0] === day ? "today" : ""}" data-day=${day}>
              ${shown.filter((block) => block.day === day).map((block) => this.#renderBlock(block))}
              ${
                this.now?.[0] === day
                  ? html`<div class="now" style="top: ${percent(this.now[1])}"></div>`
                  : nothing
              }
            </div>`,
        )}
      </div>
    </div>`;
  }

  #renderBlock(block: Block): TemplateResult {
    const { words } = this.ctx;
    const [start, end] = [words.time(block.start), words.time(block.end)];
    const room = block.end - block.start;
    return html`<button
      class="block"
      style="top: ${percent(block.start)}; height: ${percent(block.end - block.start)}"
      data-start=${block.start}
      @keydown=${(event: KeyboardEvent) => this.#keyed(event, block)}
    >
      <span class="hidden-text">
        ${words.t("schedule.block", { day: words.day(block.day, "long"), start, end })}
      </span>
      <span class="edge start"></span>
      ${room < 60 ? nothing : html`<bdi aria-hidden="true">${words.shortTime(block.start)}</bdi>`}
      ${room < 120 ? nothing : html`<bdi aria-hidden="true">${words.shortTime(block.end)}</bdi>`}
      <span class="edge end"></span>
    </button>`;
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    const focused = this.#focused;
    if (focused) {
      this.#focused = undefined;
      const buttons = [
        ...this.renderRoot.querySelectorAll<HTMLElement>(`[data-day="${focused.day}"] .block`),
      ];
      buttons
        .findLast((button) => Number(button.dataset.start) <= focused.start)
        ?.focus({ preventScroll: true });
    }
  }

  // Mouse, pen, and finger

  #pressed(event: PointerEvent): void {
    const place = this.#placeOf(event);
    if (!place || event.button !== 0 || event.pointerType === "touch") {
      return;
    }
    const target = event.composedPath()[0] as HTMLElement;
    const block = this.#blockAt(target);
    const edge = target.classList.contains("edge");
    if (block && !edge) {
      return;
    }
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.painting = {
      mode: edge ? (target.classList.contains("start") ? "start" : "end") : "paint",
      block,
      from: place,
      to: place,
    };
  }

  #dragged(event: PointerEvent): void {
    const place = this.painting && this.#placeOf(event);
    if (place && this.painting) {
      this.painting = { ...this.painting, to: place };
    }
  }

  #released(event: PointerEvent): void {
    const painting = this.painting;
    this.painting = undefined;
    if (painting) {
      this.#paint(this.#preview(painting));
      return;
    }
    const block = this.#blockAt(event.composedPath()[0] as HTMLElement);
    const place = this.#placeOf(event);
    if (block) {
      this.#pick(block);
    } else if (event.pointerType === "touch" && place) {
      const start = Math.floor(place.minute / TAPPED) * TAPPED;
      this.#paint([...this.blocks, { day: place.day, start, end: start + TAPPED }]);
    }
  }

  #cancelled(): void {
    this.painting = undefined;
  }

  #preview({ mode, block, from, to }: Painting): Block[] {
    const down = (minute: number): number => Math.floor(minute / PAINTED) * PAINTED;
    const up = (minute: number): number => Math.min(down(minute) + PAINTED, DAY_MINUTES);
    if (block) {
      const edge = Math.round(to.minute / PAINTED) * PAINTED;
      const changed =
        mode === "start"
          ? { ...block, start: Math.min(edge, block.end - KEY_STEP) }
          : { ...block, end: Math.max(edge, block.start + KEY_STEP) };
      return merged([...this.#without(block), changed]);
    }
    const week = this.ctx.words.week;
    const [first, last] = [week.indexOf(from.day), week.indexOf(to.day)].sort((a, b) => a - b);
    const start = down(Math.min(from.minute, to.minute));
    const end = up(Math.max(from.minute, to.minute));
    return merged([
      ...this.blocks,
      ...week.slice(first, last! + 1).map((day) => ({ day, start, end })),
    ]);
  }

  /** Day and minute below the pointer; columns are asked, so direction does not matter. */
  #placeOf(event: PointerEvent): { day: number; minute: number } | undefined {
    const columns = [...this.renderRoot.querySelectorAll<HTMLElement>(".day")];
    const distance = (column: HTMLElement): number => {
      const { left, right } = column.getBoundingClientRect();
      return Math.max(left - event.clientX, event.clientX - right, 0);
    };
    const nearest = columns.sort((a, b) => distance(a) - distance(b))[0];
    if (!nearest) {
      return undefined;
    }
    const { top, height } = nearest.getBoundingClientRect();
    const minute = ((event.clientY - top) / height) * DAY_MINUTES;
    return {
      day: Number(nearest.dataset.day),
      minute: Math.min(Math.max(minute, 0), DAY_MINUTES - 1),
    };
  }

  #blockAt(target: HTMLElement): Block | undefined {
    const button = target.closest<HTMLElement>(".block");
    const day = button?.closest<HTMLElement>(".day")?.dataset.day;
    return button
      ? this.blocks.find((block) =>
          isSameBlock(block, {
            day: Number(day),
            start: Number(button.dataset.start),
            end: 0,
          }),
        )
      : undefined;
  }

  // Keys

  #keyed(event: KeyboardEvent, block: Block): void {
    const forward = this.matches(":dir(rtl)") ? -1 : 1;
    const { week } = this.ctx.words;
    const beside = (step: number): Block => {
      const day = week[Math.min(Math.max(week.indexOf(block.day) + step, 0), 6)]!;
      return { ...block, day };
    };
    let next: Block | undefined;
    switch (event.key) {
      case "ArrowUp":
        next = event.shiftKey ? resized(block, -KEY_STEP) : moved(block, 0, -KEY_STEP);
        break;
      case "ArrowDown":
        next = event.shiftKey ? resized(block, KEY_STEP) : moved(block, 0, KEY_STEP);
        break;
      case "ArrowLeft":
        next = beside(-forward);
        break;
      case "ArrowRight":
        next = beside(forward);
        break;
      case "Delete":
      case "Backspace":
        break;
      case "Enter":
      case " ":
        event.preventDefault();
        this.#pick(block);
        return;
      default:
        return;
    }
    event.preventDefault();
    this.#focused = next ?? this.#without(block)[0];
    this.#paint([...this.#without(block), ...(next ? [next] : [])]);
  }

  #without(block: Block): Block[] {
    return this.blocks.filter((each) => !isSameBlock(each, block));
  }

  #paint(blocks: Block[]): void {
    this.fire("painted", merged(blocks));
  }

  #pick(block: Block): void {
    this.fire("picked", block);
  }

  static override styles = [
    ...Element.styles,
    css`
      .week {
        display: grid;
        grid-template: auto 480px / 48px 1fr;
        user-select: none;
      }

      .names {
        grid-column: 2;
        display: grid;
        grid-template-columns: repeat(7, 1fr);
        padding-block: 4px;
        text-align: center;
        font-size: 12px;
        color: var(--tlu-second);
      }

      .names .today {
        color: var(--tlu-accent-text);
        font-weight: 700;
      }

      .hours {
        position: relative;
        font-size: 11px;
        color: var(--tlu-second);
      }

      .hours span {
        position: absolute;
        inset-inline-end: 8px;
        transform: translateY(-50%);
        white-space: nowrap;
      }

      .days {
        display: grid;
        grid-template-columns: repeat(7, 1fr);
        border: 1px solid var(--tlu-line);
        border-radius: 8px;
        overflow: hidden;
        cursor: crosshair;
        background: repeating-linear-gradient(
          to bottom,
          transparent 0 calc(100% / 24 - 1px),
          color-mix(in srgb, var(--tlu-line) 60%, transparent) calc(100% / 24 - 1px) calc(100% / 24)
        );
      }

      .day {
        position: relative;
        min-width: 0;
      }

      .day + .day {
        border-inline-start: 1px solid var(--tlu-line);
      }

      .day.today {
        background: color-mix(in srgb, var(--tlu-main) 6%, transparent);
      }

      .now {
        position: absolute;
        inset-inline: 0;
        height: 2px;
        background: var(--tlu-error);
        forced-color-adjust: none;
        pointer-events: none;
      }

      .block {
        position: absolute;
        inset-inline: 1px;
        min-height: 6px;
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: space-between;
        padding-block: 2px;
        border-radius: 6px;
        white-space: nowrap;
        overflow: hidden;
        background: color-mix(in srgb, var(--tlu-main) 45%, var(--tlu-card));
        /* No border, which would be no edge to drag. */
        box-shadow: inset 0 0 0 1px var(--tlu-main);
        font-size: 11px;
        line-height: 16px;
        cursor: pointer;
      }

      .block:focus-visible {
        outline-offset: -2px;
        outline-color: var(--tlu-text);
      }

      .edge {
        position: absolute;
        inset-inline: 0;
        height: min(8px, 40%);
        cursor: ns-resize;
      }

      .edge.start {
        top: 0;
      }

      .edge.end {
        bottom: 0;
      }

      @media (pointer: coarse) {
        .edge {
          display: none;
        }
      }

      @media (forced-colors: active) {
        .block {
          background: Highlight;
          color: HighlightText;
          forced-color-adjust: none;
        }
      }
    `,
  ];
}
