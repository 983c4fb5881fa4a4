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

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** ".5" rather than "0.5", and no space before a minus. */
const written = (numbers: readonly number[]): string =>
  numbers
    .map((number) => String(number).replace(/^(-?)0\./, "$1."))
    .join(" ")
    .replace(/ -/g, "-");

/**
 * Return the path of an icon in fewer characters: to a tenth of a pixel, as more is not
 * seen, and each point relative to the one before. Rounding does not add up, as the next
 * point is taken from where the rounded one is.
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
    const short = numbers.map((number, index) => {
      if (index < firstPoint) {
        return number;
      }
      const isY = kind === "v" || (kind !== "h" && (index - firstPoint) % 2 === 1);
      const from = isY ? y : x;
      return tenth(isRelative ? number : number - from);
    });
    if (kind === "z") {
      [x, y] = [startX, startY];
    } else {
      x = tenth(x + (kind === "v" ? 0 : short.at(kind === "h" ? -1 : -2)!));
      y = tenth(y + (kind === "h" ? 0 : short.at(-1)!));
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
