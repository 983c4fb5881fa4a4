import { beforeEach, describe, expect, test } from "vitest";
import { page as browser } from "vitest/browser";
import type { Context } from "../src/base";
import type { Block } from "../src/schedule";
import type { WeekGrid } from "../src/elements/week-grid";
import "../src/elements/week-grid";
import { FakeHass, words } from "./support";

/** A grid that takes over what is painted, as its owner does. */
const show = async (blocks: Block[] = []) => {
  document.body.replaceChildren();
  const grid = document.createElement("tlu-week-grid") as WeekGrid;
  const { hass } = new FakeHass();
  grid.ctx = { hass, words: words({ first_weekday: "monday" }) } as Context;
  grid.blocks = blocks;
  grid.now = [2, 600];
  const picked: Block[] = [];
  grid.addEventListener("painted", (event) => {
    grid.blocks = (event as CustomEvent<Block[]>).detail;
  });
  grid.addEventListener("picked", (event) => picked.push((event as CustomEvent<Block>).detail));
  document.body.append(grid);
  await grid.updateComplete;
  const root = grid.shadowRoot!;
  const at = (day: number, hour: number): { clientX: number; clientY: number } => {
    const box = root.querySelector(`[data-day="${day}"]`)!.getBoundingClientRect();
    return { clientX: box.x + box.width / 2, clientY: box.y + (box.height * hour) / 24 };
  };
  const point = (type: string, place: ReturnType<typeof at>, pointerType = "mouse"): void => {
    const days = root.querySelector(".days")!;
    const below = root.elementFromPoint(place.clientX, place.clientY);
    // What is pressed is followed outside, too.
    const target = below && days.contains(below) ? below : days;
    target.dispatchEvent(
      new PointerEvent(type, {
        ...place,
        pointerType,
        pointerId: 1,
        button: 0,
        bubbles: true,
        composed: true,
        cancelable: true,
      }),
    );
  };
  const drag = async (from: ReturnType<typeof at>, to: ReturnType<typeof at>): Promise<void> => {
    // A pointer that a script moves cannot be captured.
    root.querySelector<HTMLElement>(".days")!.setPointerCapture = () => undefined;
    point("pointerdown", from);
    point("pointermove", to);
    await grid.updateComplete;
    point("pointerup", to);
    await grid.updateComplete;
  };
  const press = async (key: string, shiftKey = false): Promise<void> => {
    const block = root.activeElement ?? root.querySelector(".block")!;
    block.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
    await grid.updateComplete;
  };
  return { grid, root, at, point, drag, press, picked };
};

beforeEach(() => browser.viewport(800, 700));

describe("the week", () => {
  test("is painted by mouse, over several days at once", async () => {
    const { grid, at, drag } = await show();
    await drag(at(0, 9.1), at(0, 11.9));
    expect(grid.blocks).toEqual([{ day: 0, start: 540, end: 720 }]);
    await drag(at(3, 18.1), at(1, 16.6));
    expect(grid.blocks.slice(1)).toEqual([
      { day: 1, start: 990, end: 1110 },
      { day: 2, start: 990, end: 1110 },
      { day: 3, start: 990, end: 1110 },
    ]);
    await drag(at(0, 12.1), at(0, 30));
    expect(grid.blocks[0]).toEqual({ day: 0, start: 540, end: 1440 });
  });

  test("is resized at the edges, and a click asks for the exact times", async () => {
    const { grid, at, drag, point, picked } = await show([{ day: 1, start: 540, end: 720 }]);
    await drag(at(1, 11.95), at(1, 14));
    expect(grid.blocks).toEqual([{ day: 1, start: 540, end: 840 }]);
    await drag(at(1, 9.05), at(1, 8));
    expect(grid.blocks).toEqual([{ day: 1, start: 480, end: 840 }]);
    point("pointerdown", at(1, 11));
    point("pointerup", at(1, 11));
    expect(picked).toEqual([{ day: 1, start: 480, end: 840 }]);
  });

  test("is tapped by a finger, which does not drag", async () => {
    const { grid, at, point, picked } = await show();
    point("pointerdown", at(4, 9.5), "touch");
    point("pointermove", at(4, 12), "touch");
    point("pointercancel", at(4, 12), "touch");
    expect(grid.blocks).toEqual([]);
    point("pointerdown", at(4, 9.5), "touch");
    point("pointerup", at(4, 9.5), "touch");
    await grid.updateComplete;
    expect(grid.blocks).toEqual([{ day: 4, start: 540, end: 600 }]);
    point("pointerup", at(4, 9.5), "touch");
    expect(picked).toHaveLength(1);
  });

  test("is moved, resized, and cleared by keys, and the focus follows", async () => {
    const { grid, root, press, picked } = await show([{ day: 0, start: 540, end: 600 }]);
    root.querySelector<HTMLElement>(".block")!.focus();
    await press("ArrowDown");
    await press("ArrowRight");
    expect(grid.blocks).toEqual([{ day: 1, start: 555, end: 615 }]);
    expect(root.activeElement?.querySelector(".hidden-text")?.textContent.trim()).toBe(
      "Tuesday, 09:15 to 10:15",
    );
    await press("ArrowDown", true);
    await press("ArrowUp");
    await press("ArrowUp", true);
    await press("ArrowLeft");
    expect(grid.blocks).toEqual([{ day: 0, start: 540, end: 600 }]);
    await press("Enter");
    expect(picked).toEqual([{ day: 0, start: 540, end: 600 }]);
    await press("x");
    await press("Delete");
    expect(grid.blocks).toEqual([]);
  });

  test("runs the other way in right-to-left", async () => {
    document.documentElement.dir = "rtl";
    const { grid, root, press } = await show([{ day: 0, start: 540, end: 600 }]);
    root.querySelector<HTMLElement>(".block")!.focus();
    await press("ArrowLeft");
    expect(grid.blocks[0]!.day).toBe(1);
    document.documentElement.dir = "";
  });
});
