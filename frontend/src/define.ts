import type { PropertyDeclaration, ReactiveElement } from "lit";

/**
 * Register an element unless its name is taken.
 *
 * After an update of the integration an open page loads the new module beside the old
 * one, and registering a name twice throws.
 */
export const define =
  (name: string) =>
  (element: CustomElementConstructor): void => {
    if (!customElements.get(name)) {
      customElements.define(name, element);
    }
  };

/** A property that updates its element. Lit's own decorators know more forms, and weigh more. */
export const property =
  (options: PropertyDeclaration = { attribute: false }) =>
  (proto: object, name: string): void =>
    (proto.constructor as typeof ReactiveElement).createProperty(name, options);

/** A private property. */
export const state = (): ReturnType<typeof property> => property();
