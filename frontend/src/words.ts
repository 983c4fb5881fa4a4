/** Everything people read: strings, counts, dates, schedules in words. */

import type en from "../../custom_components/tuya_lock_users/translations/en.json";
import { blocksOf, isAllDay, rowsOf, type Draft, type Row } from "./schedule";
import {
  DAYS,
  DOMAIN,
  METHOD_TYPES,
  type HomeAssistant,
  type Locale,
  type Localize,
  type MethodType,
  type User,
} from "./types";
import { addDays, instantOf, offsetAt, wallOf } from "./zones";

type Strings = (typeof en)["config_panel"];
type Counted = { other: string };

type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string
    ? `${Prefix}${K}`
    : T[K] extends Counted & { one: string }
      ? never
      : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

type Counts<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string
    ? never
    : T[K] extends Counted & { one: string }
      ? `${Prefix}${K}`
      : Counts<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

export type Key = Leaves<Strings>;
export type CountKey = Counts<Strings>;
type Placeholders = Record<string, string | number>;

const PREFIX = `component.${DOMAIN}.config_panel.`;
const EVENTS = `component.${DOMAIN}.entity.event.`;

/** Days count from Monday = 1. */
interface WeekInfo {
  firstDay: number;
  weekend: number[];
}

/** 2001-01-01 was a Monday. */
const MONDAY = Date.UTC(2001, 0, 1);
const DAY = 86_400_000;

/** After this time, texts that could not be loaded are asked for again. */
const AGAIN = 2000;

export const isKnownType = (type: string): type is MethodType =>
  (METHOD_TYPES as readonly string[]).includes(type);

/** Texts of the backend; without a connection there are none. */
export const loadTexts = (
  hass: HomeAssistant,
  category: string,
  integration?: string,
): Promise<Localize> =>
  hass.loadBackendTranslation(category, integration).catch((): Localize => () => "");

/** What is written from right to left, within a text that may not be. */
const isolated = (placeholders: Placeholders = {}): Placeholders =>
  Object.fromEntries(
    Object.entries(placeholders).map(([name, value]) => [
      name,
      /[\u0590-\u08ff\u200f]/.test(String(value)) ? `\u2068${value}\u2069` : value,
    ]),
  );

/**
 * What is loaded once: whoever asks Home Assistant for texts while it loads them, such as
 * the second card of a dashboard, is given none.
 */
const loading = new WeakMap<Locale, Promise<Words>>();

export class Words {
  readonly language: string;

  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #plurals: Intl.PluralRules;
  readonly #hour12: boolean | undefined;

  constructor(
    private readonly localize: Localize,
    private readonly locale: Locale,
  ) {
    this.language = locale.language;
    this.#plurals = new Intl.PluralRules(this.language);
    this.#hour12 =
      locale.time_format === "12" ? true : locale.time_format === "24" ? false : undefined;
  }

  /**
   * Load the texts, with repetitions: keys are never shown instead.
   *
   * After a failure, Home Assistant considers the texts of an integration loaded, and
   * never loads them again. Those of all integrations it loads when it is connected again.
   */
  static load(hass: () => HomeAssistant): Promise<Words> {
    const { locale } = hass();
    let words = loading.get(locale);
    if (!words) {
      words = Words.#load(hass);
      loading.set(locale, words);
    }
    return words;
  }

  static async #load(hass: () => HomeAssistant): Promise<Words> {
    for (let integration: string | undefined = DOMAIN; ; integration = undefined) {
      await loadTexts(hass(), "entity", integration);
      const localize = await loadTexts(hass(), "config_panel", integration);
      const words = new Words(localize, hass().locale);
      if (words.t("title")) {
        return words;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }

  t(key: Key, placeholders?: Placeholders): string {
    return this.localize(PREFIX + key, isolated(placeholders));
  }

  /** The text for a number, which it holds as `{count}`. */
  count(key: CountKey, count: number, placeholders?: Placeholders): string {
    const all = { ...isolated(placeholders), count: this.number(count) };
    const form = this.#plurals.select(count);
    return (
      this.localize(`${PREFIX}${key}.${form}`, all) || this.localize(`${PREFIX}${key}.other`, all)
    );
  }

  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.language, { style: "long", type: "conjunction" }).format(items);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** Compare as people of this language sort names. */
  compare = (a: string, b: string): number =>
    a.localeCompare(b, this.language, { numeric: true, sensitivity: "base" });

  // Days

  /** Days of the week from the first one of the profile on, Monday is 0. */
  get week(): number[] {
    const { first_weekday: chosen } = this.locale;
    let first = chosen && chosen !== "language" ? DAYS.indexOf(chosen) : undefined;
    first ??= this.#weekInfo.firstDay - 1;
    return Array.from({ length: 7 }, (_, day) => (first + day) % 7);
  }

  /** Days of the weekend where the language is spoken. */
  get weekend(): number[] {
    return this.#weekInfo.weekend.map((day) => day - 1);
  }

  get #weekInfo(): WeekInfo {
    // Not every browser has it yet.
    const locale: { getWeekInfo?: () => WeekInfo } = new Intl.Locale(this.language);
    return locale.getWeekInfo?.() ?? { firstDay: 1, weekend: [6, 7] };
  }

  day(day: number, width: "long" | "short" | "narrow"): string {
    return this.#format({ weekday: width, timeZone: "UTC" }).format(MONDAY + day * DAY);
  }

  // Times

  /** A minute of the day; the midnight at its end is 24:00. */
  time(minute: number): string {
    if (minute === 1440 && this.#format(this.#clockStyle).resolvedOptions().hour12 === false) {
      return "24:00";
    }
    return this.#format(this.#clockStyle).format(MONDAY + minute * 60_000);
  }

  /** A minute of the day where there is little room: "9 AM", "9:30 AM". */
  shortTime(minute: number): string {
    return this.time(minute).replace(/[:.]00(?=\s)/, "");
  }

  /** Hours with their order kept in right-to-left text. */
  hours(start: number, end: number): string {
    return `\u2068${this.time(start)}–${this.time(end)}\u2069`;
  }

  /** "12:00", "Mon 16:30" or "24 Sep 2027", as near as it is to now. */
  moment(instant: number, zone: string, now: number): string {
    const date = wallOf(instant, zone).slice(0, 10);
    const today = wallOf(now, zone).slice(0, 10);
    if (date === today) {
      return this.clockAt(instant, zone);
    }
    return date > today && date < addDays(today, 7)
      ? this.#at(instant, zone, { weekday: "short", ...this.#clockStyle })
      : this.date(instant, zone);
  }

  date(instant: number, zone: string): string {
    return this.#at(instant, zone, { dateStyle: "medium" });
  }

  longDate(instant: number, zone: string): string {
    return this.#at(instant, zone, { weekday: "long", day: "numeric", month: "long" });
  }

  dateTime(instant: number, zone: string): string {
    return this.#at(instant, zone, {
      dateStyle: "medium",
      timeStyle: "short",
      ...this.#hour12Style,
    });
  }

  clockAt(instant: number, zone: string): string {
    return this.#at(instant, zone, this.#clockStyle);
  }

  /** "3 min. ago", or "in 2 hours" within a sentence. */
  age(instant: number, now: number, style: "short" | "long" = "short"): string {
    const format = new Intl.RelativeTimeFormat(this.language, { numeric: "auto", style });
    const seconds = (instant - now) / 1000;
    const units = { day: 86_400, hour: 3600, minute: 60 } as const;
    for (const [unit, size] of Object.entries(units)) {
      if (Math.abs(seconds) >= size) {
        return format.format(Math.trunc(seconds / size), unit as keyof typeof units);
      }
    }
    return format.format(0, "second");
  }

  // Schedules

  /** "Mon–Fri 09:00–12:00 and Sat 10:00–11:00", in one text for each row. */
  rows(rows: readonly Row[]): string[] {
    const sound = rowsOf(blocksOf(rows));
    return sound.map((row) => {
      const days = this.days(row.days);
      return isAllDay(row)
        ? this.t("schedule.days_all_day", { days })
        : this.t("schedule.days_hours", { days, hours: this.hours(row.start, row.end) });
    });
  }

  /** Days with runs joined: "Mon–Fri", "Sat, Mon". */
  days(days: readonly number[]): string {
    if (new Set(days).size === 7) {
      return this.t("schedule.every_day");
    }
    const runs: number[][] = [];
    for (const day of this.week.filter((each) => days.includes(each))) {
      const last = runs.at(-1);
      if (last && (last.at(-1)! + 1) % 7 === day) {
        last.push(day);
      } else {
        runs.push([day]);
      }
    }
    return runs
      .flatMap((run) =>
        run.length > 2
          ? [
              this.t("schedule.day_range", {
                first: this.day(run[0]!, "short"),
                last: this.day(run.at(-1)!, "short"),
              }),
            ]
          : run.map((day) => this.day(day, "short")),
      )
      .join(", ");
  }

  schedule(draft: Draft, zone: string, now: number): string {
    if (draft.permanent) {
      return this.t("schedule.always");
    }
    const parts: string[] = [];
    const rows = this.rows(draft.rows);
    if (rows.length) {
      parts.push(rows.join(", "));
    }
    const from = draft.from === null ? null : instantOf(draft.from, zone);
    if (from !== null && from > now) {
      parts.push(this.t("schedule.starting", { date: this.date(from, zone) }));
    }
    if (draft.until !== null) {
      parts.push(
        this.t("schedule.ending", { date: this.date(instantOf(draft.until, zone), zone) }),
      );
    }
    return parts.join(" · ") || this.t("schedule.limited");
  }

  // Users and methods

  byName = (a: User, b: User): number => this.compare(this.user(a), this.user(b));

  user(user: Pick<User, "name" | "user_id">): string {
    return user.name ?? this.t("users.unnamed", { id: user.user_id });
  }

  /** How the door was opened, or an alarm, in the words of the events; empty if not known. */
  event(type: string, event: "opened" | "alarm" = "opened"): string {
    return this.localize(`${EVENTS}${event}.state_attributes.event_type.state.${type}`);
  }

  type(type: string): string {
    return isKnownType(type) ? this.event(type) : this.t("methods.other");
  }

  method(method: { type: string; number: number; name: string | null }): string {
    return (
      method.name ??
      this.t("methods.named", { type: this.type(method.type), number: String(method.number) })
    );
  }

  /** "2 fingerprints, 1 card" */
  methodCounts(methods: readonly { type: string }[]): string[] {
    return countsOf(methods).map(([type, count]) => this.methodCount(type, count));
  }

  methodCount(type: string, count: number): string {
    return this.count(`methods.count.${isKnownType(type) ? type : "unknown"}`, count);
  }

  /** An offset is shown, and formatted, as a whole: not every browser knows it as a zone. */
  #at(instant: number, zone: string, options: Intl.DateTimeFormatOptions): string {
    return this.#format(options).format(instant + offsetAt(instant, zone) * 60_000);
  }

  get #hour12Style(): Intl.DateTimeFormatOptions {
    return this.#hour12 === undefined ? {} : { hourCycle: this.#hour12 ? "h12" : "h23" };
  }

  get #clockStyle(): Intl.DateTimeFormatOptions {
    return { hour: "numeric", minute: "2-digit", ...this.#hour12Style };
  }

  /** Instants are moved to the zone beforehand, so every format is of Greenwich. */
  #format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = JSON.stringify(options);
    let format = this.#formats.get(key);
    if (!format) {
      const language = this.locale.time_format === "system" ? undefined : this.language;
      format = new Intl.DateTimeFormat(
        // Only the clock follows the system; words stay in the chosen language.
        "hour" in options && !("weekday" in options) ? language : this.language,
        { ...options, timeZone: "UTC" },
      );
      this.#formats.set(key, format);
    }
    return format;
  }
}

/** How many methods of each type, in the order of the types. */
export const countsOf = (methods: readonly { type: string }[]): [type: string, count: number][] => {
  const counts = new Map<string, number>(METHOD_TYPES.map((type) => [type, 0]));
  for (const { type } of methods) {
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count);
};
