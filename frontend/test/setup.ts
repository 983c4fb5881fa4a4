/** Lit warns in every file that it is the one for developers. */

const lit = globalThis as { litIssuedWarnings?: Set<string> };
lit.litIssuedWarnings = new Set(["dev-mode"]);
