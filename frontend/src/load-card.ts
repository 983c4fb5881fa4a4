/**
 * Loads the card, which Home Assistant's page asks for.
 *
 * The page may run this before its own app, which then replaces the registry of elements
 * and `HTMLElement`: what was defined until then is not found any more.
 */
void customElements.whenDefined("home-assistant").then(() => import("./card"));
