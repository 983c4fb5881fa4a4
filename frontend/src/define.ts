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
