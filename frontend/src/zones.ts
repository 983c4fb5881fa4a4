/**
 * Wall clock of a lock and instants.
 *
 * A zone is a name such as "Europe/Berlin" or an offset such as "+08:00". Wall clocks
 * are "YYYY-MM-DDTHH:MM" or "YYYY-MM-DDTHH:MM:SS".
 */

const MINUTE = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

const fixedOffset = (zone: string): number | undefined => {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!match) {
    return undefined;
  }
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
};

const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
};

/** Minutes east of Greenwich at an instant. */
export const offsetAt = (instant: number, zone: string): number => {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) {
    return fixed;
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) {
    parts[type] = Number(value);
  }
  const wall = Date.UTC(
    parts.year!,
    parts.month! - 1,
    parts.day,
    parts.hour,
    parts.minute,
    parts.second,
  );
  return Math.round((wall - Math.floor(instant / 1000) * 1000) / MINUTE);
};

/**
 * The instant of a wall clock, in milliseconds.
 *
 * In the gap of a change to summer time the clock is moved on, in the overlap of a
 * change back the first of the two instants is taken.
 */
export const instantOf = (wall: string, zone: string): number => {
  const asUtc = Date.parse(`${wall}Z`);
  const before = offsetAt(asUtc - 24 * 60 * MINUTE, zone);
  const first = asUtc - before * MINUTE;
  const offset = offsetAt(first, zone);
  if (offset === before) {
    return first;
  }
  const second = asUtc - offset * MINUTE;
  return offsetAt(second, zone) === offset ? second : first;
};

/** The wall clock of an instant, to the second. */
export const wallOf = (instant: number, zone: string): string =>
  new Date(instant + offsetAt(instant, zone) * MINUTE).toISOString().slice(0, 19);

/** ISO with an offset, so that the zone is certain. */
export const isoOf = (wall: string, zone: string): string => {
  const instant = instantOf(wall, zone);
  const offset = offsetAt(instant, zone);
  const size = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${wallOf(instant, zone)}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
};

/** The wall clock that an ISO time with offset was written with. */
export const wallIn = (iso: string): string => iso.slice(0, 19);

/** Day of the week (Monday is 0) and minute of the day of a wall clock. */
export const dayAndMinute = (wall: string): [day: number, minute: number] => {
  const date = new Date(`${wall}Z`);
  return [(date.getUTCDay() + 6) % 7, date.getUTCHours() * 60 + date.getUTCMinutes()];
};

/** The date so many days later; "YYYY-MM-DD". */
export const addDays = (date: string, days: number): string => {
  const moved = new Date(`${date.slice(0, 10)}T00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
};
