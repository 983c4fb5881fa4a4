/** What there is to know about a lock at a glance: in its chip, and above its users. */

import type { Icon } from "./icons";
import type { Lock } from "./types";
import type { Words } from "./words";

export const SIGN_ICONS = {
  disabled: "pause",
  unreadable: "alert",
  offline: "offline",
  pending: "pending",
  unassigned: "unassigned",
  absent: "absent",
} as const satisfies Record<string, Icon>;

type Counted = "pending" | "unassigned" | "absent";

export type Sign = { text: string } & (
  | { name: Counted; count: number }
  | { name: Exclude<keyof typeof SIGN_ICONS, Counted>; count?: never }
);

export const signsOf = (words: Words, lock: Lock): Sign[] => {
  const states: [Exclude<keyof typeof SIGN_ICONS, Counted>, boolean][] = [
    ["disabled", lock.disabled],
    ["unreadable", !lock.disabled && !lock.readable],
    ["offline", lock.online === false],
  ];
  return [
    ...states.flatMap(([name, shown]): Sign[] =>
      shown ? [{ name, text: words.t(`locks.warning_${name}`) }] : [],
    ),
    ...(["pending", "unassigned", "absent"] as const).flatMap((name): Sign[] => {
      const count = lock[name];
      return count ? [{ name, count, text: words.count(`locks.${name}`, count) }] : [];
    }),
  ];
};
