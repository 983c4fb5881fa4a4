/** How many numbers each command of a path takes. */
const NUMBERS: Record<string, number> = {
  m: 2,
  l: 2,
  h: 1,
  v: 1,
  c: 6,
  s: 4,
  q: 4,
  t: 2,
  a: 7,
  z: 0,
};

/** Units of a pixel: a quarter of one is less than can be seen. */
const GRID = 4;

const onGrid = (value: number): number => Math.round(value * GRID);

/** No space before a minus. */
const written = (numbers: readonly number[]): string => numbers.join(" ").replace(/ -/g, "-");

/**
 * Return the path of an icon in fewer characters: in whole quarters of a pixel, and each
 * point relative to the one before. Rounding does not add up, as each point is rounded
 * where it is.
 */
export const shortPath = (path: string): string => {
  const tokens = path.match(/[a-z]|-?(?:\d+\.?\d*|\.\d+)/gi) ?? [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  let command = "";
  let result = "";
  let last = "";
  while (tokens.length) {
    if (/[a-z]/i.test(tokens[0]!)) {
      command = tokens.shift()!;
    }
    const kind = command.toLowerCase();
    const isRelative = kind === command;
    const numbers = tokens.splice(0, NUMBERS[kind]).map(Number);
    // An arc begins with its radii, angle, and flags, which are no point.
    const firstPoint = kind === "a" ? 5 : 0;
    const isY = (index: number): boolean =>
      kind === "v" || (kind !== "h" && (index - firstPoint) % 2 === 1);
    const points = numbers.map((number, index) =>
      isRelative && index >= firstPoint ? number + (isY(index) ? y : x) : number,
    );
    const short = points.map((number, index) =>
      index < firstPoint
        ? index < 2
          ? onGrid(number)
          : number
        : onGrid(number) - onGrid(isY(index) ? y : x),
    );
    if (kind === "z") {
      [x, y] = [startX, startY];
    } else {
      x = kind === "v" ? x : points.at(kind === "h" ? -1 : -2)!;
      y = kind === "h" ? y : points.at(-1)!;
    }
    if (kind === "m") {
      [startX, startY] = [x, y];
    }
    const text = written(short);
    const repeats = kind === last && kind !== "m" && kind !== "z";
    result += repeats ? (text.startsWith("-") ? text : ` ${text}`) : kind + text;
    last = kind;
    if (kind === "m") {
      // More points after a move are lines.
      command = isRelative ? "l" : "L";
    }
  }
  return result;
};
