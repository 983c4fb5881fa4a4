import { expect, test } from "vitest";
import { shortPath } from "../icon-paths";

test("paths are shorter and end where they did", () => {
  // Moves, lines, curves, and arcs, absolute and relative, with a point that rounds up.
  expect(shortPath("M2,4L3.06,5.04H8V9A2,2 0 0,0 10,11Z")).toBe("m8 16l4 4h20v16a8 8 0 0 0 8 8z");
  expect(shortPath("M1 1h.3l.3 .5h.3l2,2zM3,3C4,4 5,5 6,6S8,8 9,9")).toBe(
    "m4 4h1l1 2h2l8 8zm8 8c4 4 8 8 12 12s8 8 12 12",
  );
});
