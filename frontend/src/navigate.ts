import { DOMAIN } from "./types";

/** Go to a page of Home Assistant, without loading the frontend again. */
export const goTo = (path: string, replace = false): void => {
  if (replace) {
    history.replaceState(history.state, "", path);
  } else {
    history.pushState(null, "", path);
  }
  dispatchEvent(new CustomEvent("location-changed", { detail: { replace } }));
};

export const pathOf = (...parts: string[]): string =>
  `/${[DOMAIN, ...parts].filter(Boolean).map(encodeURIComponent).join("/")}`;

/** The parts of a route below the panel's own address. */
export const partsOf = (path: string): string[] =>
  path.split("/").filter(Boolean).map(decodeURIComponent);
