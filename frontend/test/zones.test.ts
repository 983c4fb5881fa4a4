import { describe, expect, test } from "vitest";
import { addDays, dayAndMinute, instantOf, isoOf, offsetAt, wallOf } from "../src/zones";

describe("wall clock and instant", () => {
  test.each([
    ["2026-07-01T09:00", "Europe/Berlin", "2026-07-01T09:00:00+02:00"],
    ["2026-01-01T09:00", "Europe/Berlin", "2026-01-01T09:00:00+01:00"],
    // The gap is stepped over, of the overlap the first is taken.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T03:30:00+02:00"],
    ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"],
    ["2026-03-08T02:30", "America/New_York", "2026-03-08T03:30:00-04:00"],
    ["2026-11-01T01:30", "America/New_York", "2026-11-01T01:30:00-04:00"],
    ["2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T02:45:00+11:00"],
    ["2026-06-01T00:00", "Asia/Shanghai", "2026-06-01T00:00:00+08:00"],
    ["2026-06-01T00:00", "+08:00", "2026-06-01T00:00:00+08:00"],
    ["2026-06-01T23:59:59", "-03:30", "2026-06-01T23:59:59-03:30"],
    ["2037-12-31T23:59:59", "Europe/Berlin", "2037-12-31T23:59:59+01:00"],
  ])("%s in %s", (wall, zone, iso) => {
    expect(isoOf(wall, zone)).toBe(iso);
  });

  test("every hour of a year comes back as it went", () => {
    for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "+05:30"]) {
      for (let hour = 0; hour < 365 * 24; hour += 7) {
        const instant = Date.UTC(2026, 0, 1, hour);
        const wall = wallOf(instant, zone);
        expect(wallOf(instantOf(wall, zone), zone)).toBe(wall);
      }
    }
  });

  test("offsets, days, and minutes", () => {
    expect(offsetAt(Date.UTC(2026, 6, 1), "Europe/Berlin")).toBe(120);
    expect(offsetAt(0, "-0330")).toBe(-210);
    expect(dayAndMinute("2026-11-30T09:05")).toEqual([0, 545]);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01T10:00", -1)).toBe("2026-02-28");
  });
});
