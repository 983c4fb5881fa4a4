import { expect, test } from "vitest";
import { shortPath } from "../icon-paths";

test("paths are shorter and end where they did", () => {
  // Moves, lines, curves, and arcs, absolute and relative, with a point that rounds up.
  expect(shortPath("M2,4L3.06,5.04H8V9A2,2 0 0,0 10,11Z")).toBe("m2 4l1.1 1h4.9v4a2 2 0 0 0 2 2z");
  expect(shortPath("M1 1h.5l-.5 .5 2,2zM3,3C4,4 5,5 6,6S8,8 9,9")).toBe(
    "m1 1h.5l-.5 .5 2 2zm2 2c1 1 2 2 3 3s2 2 3 3",
  );
});
