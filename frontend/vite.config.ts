import { defineConfig, type Plugin } from "vite";
import { shortPath } from "./icon-paths.ts";

/** Styles without the spaces that make them readable. */
const styles = (): Plugin => ({
  name: "styles",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("/src/")
      ? code.replace(/css`[^`]*`/g, (style) =>
          style
            .replace(/\/\*.*?\*\//gs, "")
            .replace(/\s+/g, " ")
            .replace(/ ?([{};,>]) ?/g, "$1")
            .replace(/: /g, ":")
            .replace(/;}/g, "}"),
        )
      : null,
});

const icons = (): Plugin => ({
  name: "icons",
  transform: (code, id) =>
    id.includes("@mdi/js")
      ? code.replace(/"(M[^"]+)"/g, (_, path: string) => `"${shortPath(path)}"`)
      : null,
});

/** Line breaks are left in templates only, where a space does the same. */
const templates = (): Plugin => ({
  name: "templates",
  generateBundle: (_, bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") {
        const notices = new Set<string>();
        chunk.code = chunk.code
          .replace(/(`|>)?\s*\n\s*/g, "$1 ")
          // Each file of a package brings the same notice; once is enough.
          .replace(/ ?\/\*\*? \* @license.*?\*\/ ?/g, (notice) => {
            const isNew = notices.size < notices.add(notice.trim()).size;
            return isNew ? notice : "";
          });
      }
    }
  },
});

/** There is nothing to load ahead of an import. */
const imports = (): Plugin => ({
  name: "imports",
  enforce: "pre",
  load: (id) =>
    id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load()" : null,
});

// What Home Assistant serves: entries, and one chunk for what panel and card share.
export default defineConfig({
  plugins: [styles(), icons(), templates(), imports()],
  build: {
    outDir: "../custom_components/tuya_lock_users/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "LICENSES.md" },
    rolldownOptions: {
      input: { panel: "src/panel.ts", "load-card": "src/load-card.ts", card: "src/card.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: ({ name }) => (name === "lit" ? "lit.js" : "shared.js"),
        comments: { legal: true },
        codeSplitting: { groups: [{ name: "lit", test: /node_modules\/(@lit|lit)/ }] },
      },
    },
  },
});
