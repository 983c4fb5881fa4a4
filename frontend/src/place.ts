/** What an address of the panel means: a lock, and a place or a user below it. */

import { partsOf } from "./navigate";
import { DOMAIN, type Lock } from "./types";

export const TABS = ["users", "passwords", "history"] as const;
export type Tab = (typeof TABS)[number];

/** Places below a lock that are no user. */
export type Place = Tab | "unassigned" | "absent";
const PLACES: readonly string[] = [...TABS, "unassigned", "absent"];

export const placeIn = (path: string): Place => {
  const [, place] = partsOf(path);
  return place && PLACES.includes(place) ? (place as Place) : "users";
};

/** The user in an address, or nothing. */
export const userIn = (path: string): string => {
  const [, id] = partsOf(path);
  return id && !PLACES.includes(id) ? id : "";
};

/** The lock that was shown last. */
const LAST_LOCK = `${DOMAIN}.lock`;

const keptLock = (): string | null => {
  try {
    return localStorage.getItem(LAST_LOCK);
  } catch {
    return null;
  }
};

export const keepLock = (lockId: string): void => {
  try {
    localStorage.setItem(LAST_LOCK, lockId);
  } catch {
    // A browser that keeps nothing shows the first lock.
  }
};

/** The lock in an address, or the one that was shown last. */
export const lockIn = (path: string, locks: readonly Lock[]): Lock | undefined => {
  const [lockId] = partsOf(path);
  if (lockId) {
    return locks.find((lock) => lock.lock_id === lockId);
  }
  const kept = keptLock();
  return locks.find((lock) => lock.lock_id === kept) ?? locks[0];
};
