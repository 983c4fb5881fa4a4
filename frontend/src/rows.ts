/** Rows of a list that stay with what they show. */

import { noChange } from "lit";
import { directive, Directive, type ChildPart } from "lit/directive.js";
import { insertPart, removePart, setChildPartValue } from "lit/directive-helpers.js";

type Key<Item> = (item: Item) => string;
type Row<Item> = (item: Item) => unknown;

class Rows extends Directive {
  #parts = new Map<unknown, ChildPart>();

  override render(): unknown {
    return noChange;
  }

  override update<Item>(
    list: ChildPart,
    [items, key, row]: [Item[], Key<Item>, Row<Item>],
  ): unknown {
    const before = this.#parts;
    this.#parts = new Map();
    let next: ChildPart | undefined;
    // From the last on, as a part that is before the next one already is not moved.
    for (const item of items.toReversed()) {
      // What is there twice has a key of its own the second time.
      const id = this.#parts.has(key(item)) ? item : key(item);
      next = setChildPartValue(insertPart(list, next, before.get(id)), row(item));
      before.delete(id);
      this.#parts.set(id, next);
    }
    before.forEach(removePart);
    return noChange;
  }
}

/**
 * Render a row for each item.
 *
 * Where an item moves, its elements move with it, and with them what is focused or half
 * entered there. Lit's own `repeat` moves fewer of them, and weighs twice as much.
 */
export const rows = directive(Rows) as <Item>(
  items: readonly Item[],
  key: Key<Item>,
  row: Row<Item>,
) => unknown;
