/**
 * A schedule while it is edited: rows of days and hours, and the blocks of a week.
 *
 * Pure. Days count from Monday = 0, minutes from midnight; a block ends at 1440 at the
 * latest. Rows may be wrong while they are typed, blocks cannot.
 */

import { DAYS, type Schedule, type Window } from "./types";
import { addDays, dayAndMinute, instantOf, wallIn, wallOf } from "./zones";

export const DAY_MINUTES = 1440;

/** The last second a 32-bit lock knows: what Tuya means by "no end". */
export const LAST_YEAR = 2037;

export interface Row {
  days: number[];
  start: number;
  end: number;
}

export interface Block {
  day: number;
  start: number;
  end: number;
}

export interface Draft {
  permanent: boolean;
  /** Wall clocks of the lock to the minute, or null: from now on, and without end. */
  from: string | null;
  until: string | null;
  rows: Row[];
}

/** Keys of the exceptions of the integration, whose words are used. */
export type Problem = "end_before_start" | "window_without_day" | "window_ends_before_start";

export interface Check {
  range: Problem | null;
  rows: (Problem | null)[];
}

export const minuteOf = (time: string): number => {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes ?? 0);
};

export const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Join what touches or overlaps, day by day. */
export const merged = (blocks: readonly Block[]): Block[] => {
  const result: Block[] = [];
  for (const block of [...blocks].sort((a, b) => a.day - b.day || a.start - b.start)) {
    const last = result.at(-1);
    if (last?.day === block.day && block.start <= last.end) {
      last.end = Math.max(last.end, block.end);
    } else {
      result.push({ ...block });
    }
  }
  return result;
};

const isSound = (row: Row): boolean => row.end > row.start && row.days.length > 0;

export const blocksOf = (rows: readonly Row[]): Block[] =>
  merged(
    rows
      .filter(isSound)
      .flatMap((row) => row.days.map((day) => ({ day, start: row.start, end: row.end }))),
  );

/** The fewest equivalent rows: equal hours of several days are one. */
export const rowsOf = (blocks: readonly Block[]): Row[] => {
  const rows = new Map<string, Row>();
  for (const { day, start, end } of merged(blocks)) {
    const key = `${start}-${end}`;
    const row = rows.get(key);
    if (row) {
      row.days.push(day);
    } else {
      rows.set(key, { days: [day], start, end });
    }
  }
  return [...rows.values()];
};

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

/** Move a block without changing its length. */
export const moved = (block: Block, days: number, minutes: number): Block => {
  const length = block.end - block.start;
  const start = clamp(block.start + minutes, 0, DAY_MINUTES - length);
  return { day: clamp(block.day + days, 0, 6), start, end: start + length };
};

/** Move the end of a block. */
export const resized = (block: Block, minutes: number, least = 15): Block => ({
  ...block,
  end: clamp(block.end + minutes, block.start + least, DAY_MINUTES),
});

export const windowsOf = (rows: readonly Row[]): Window[] =>
  rows.map((row) => ({
    days: [...row.days].sort((a, b) => a - b).map((day) => DAYS[day]!),
    start_time: timeOf(row.start),
    // The action has times of a day; midnight after a later start ends that day.
    end_time: row.end === DAY_MINUTES ? "00:00" : timeOf(row.end),
  }));

export const rowsOfWindows = (windows: readonly Window[]): Row[] =>
  windows.map((window) => ({
    days: window.days.map((day) => DAYS.indexOf(day)),
    start: minuteOf(window.start_time),
    end: minuteOf(window.end_time),
  }));

const isEndless = (iso: string): boolean => Number(iso.slice(0, 4)) >= LAST_YEAR;

/** The draft of a schedule; unknown hours are left out. */
export const draftOf = (schedule: Schedule | null): Draft => {
  if (!schedule || schedule.permanent !== false) {
    return { permanent: true, from: null, until: null, rows: [] };
  }
  return {
    permanent: false,
    from: schedule.start && wallIn(schedule.start).slice(0, 16),
    until: schedule.end && !isEndless(schedule.end) ? wallIn(schedule.end).slice(0, 16) : null,
    rows: rowsOfWindows(schedule.windows ?? []),
  };
};

/** Whether two drafts mean the same schedule. */
export const isSame = (a: Draft, b: Draft): boolean => {
  if (a.permanent || b.permanent) {
    return a.permanent === b.permanent;
  }
  return (
    a.from === b.from &&
    a.until === b.until &&
    a.rows.every(isSound) === b.rows.every(isSound) &&
    JSON.stringify(blocksOf(a.rows)) === JSON.stringify(blocksOf(b.rows))
  );
};

export const check = (draft: Draft): Check => {
  if (draft.permanent) {
    return { range: null, rows: [] };
  }
  const endsFirst = draft.from !== null && draft.until !== null && draft.until <= draft.from;
  return {
    range: endsFirst ? "end_before_start" : null,
    rows: draft.rows.map((row) => {
      if (!row.days.length) {
        return "window_without_day";
      }
      return row.end > row.start ? null : "window_ends_before_start";
    }),
  };
};

export const isValid = (draft: Draft): boolean => {
  const { range, rows } = check(draft);
  return !range && rows.every((problem) => !problem);
};

/** What a full day is worth, so that a week of full days is no limit. */
export const isAllDay = (row: Pick<Row, "start" | "end">): boolean =>
  row.start === 0 && row.end >= DAY_MINUTES - 1;

export interface Change {
  opens: boolean;
  /** Milliseconds. */
  at: number;
}

/** Whether a draft lets in at an instant. */
export const isOpen = (draft: Draft, at: number, zone: string): boolean => {
  if (draft.permanent) {
    return true;
  }
  const wall = wallOf(at, zone);
  if ((draft.from && wall < draft.from) || (draft.until && wall.slice(0, 16) >= draft.until)) {
    return false;
  }
  if (!draft.rows.length) {
    return true;
  }
  const [day, minute] = dayAndMinute(wall);
  return blocksOf(draft.rows).some(
    (block) => block.day === day && block.start <= minute && minute < block.end,
  );
};

/**
 * The next instant at which access begins or ends, or null if it never does.
 *
 * Only the edges of a schedule are tried: its ends, and those of each block on the
 * eight days from `now` or from the start on.
 */
export const nextChange = (draft: Draft, now: number, zone: string): Change | null => {
  if (draft.permanent) {
    return null;
  }
  const edges: number[] = [];
  const from = draft.from === null ? null : instantOf(draft.from, zone);
  if (from !== null) {
    edges.push(from);
  }
  if (draft.until !== null) {
    edges.push(instantOf(draft.until, zone));
  }
  const first = wallOf(Math.max(now, from ?? now), zone).slice(0, 10);
  const blocks = blocksOf(draft.rows);
  for (let days = 0; days <= 8; days++) {
    const date = addDays(first, days);
    const [day] = dayAndMinute(`${date}T00:00`);
    for (const block of blocks) {
      if (block.day === day) {
        edges.push(instantOf(`${date}T${timeOf(block.start)}`, zone));
        edges.push(
          block.end === DAY_MINUTES
            ? instantOf(`${addDays(date, 1)}T00:00`, zone)
            : instantOf(`${date}T${timeOf(block.end)}`, zone),
        );
      }
    }
  }
  const open = isOpen(draft, now, zone);
  const at = edges
    .filter((edge) => edge > now)
    .sort((a, b) => a - b)
    .find((edge) => isOpen(draft, edge, zone) !== open);
  return at === undefined ? null : { opens: !open, at };
};

/** The fields of `set_user_schedule` for a draft. */
export const scheduleFields = (
  draft: Draft,
  iso: (wall: string) => string,
): Record<string, unknown> => {
  if (draft.permanent) {
    return { permanent: true };
  }
  return {
    ...(draft.from === null ? {} : { start: iso(draft.from) }),
    ...(draft.until === null ? {} : { end: iso(draft.until) }),
    ...(draft.rows.length ? { windows: windowsOf(draft.rows) } : {}),
  };
};
