/** The data of a lock, message by message. */

import type { LockMessage, LockUsers, User } from "./types";

/** The data of a lock before its first message. */
export const EMPTY: LockUsers = {
  users: {},
  order: [],
  absent: null,
  unassigned: null,
  enrollment: null,
};

/** The data after a message; unchanged parts stay the same objects. */
export const merge = (known: LockUsers, message: LockMessage): LockUsers => {
  const users = { ...known.users, ...message.users };
  for (const id of message.gone ?? []) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record by id
    delete users[id];
  }
  return {
    users,
    order: message.order ?? known.order,
    absent: message.absent === undefined ? known.absent : message.absent,
    unassigned: message.unassigned === undefined ? known.unassigned : message.unassigned,
    enrollment: message.enrollment === undefined ? known.enrollment : message.enrollment,
  };
};

/** The users of a lock, in its order. */
export const usersOf = ({ order, users }: LockUsers): User[] =>
  order.flatMap((id) => users[id] ?? []);
