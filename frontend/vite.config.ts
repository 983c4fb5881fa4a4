import { defineConfig } from "vite";

// What Home Assistant serves: two entries and one chunk for what both share.
export default defineConfig({
  build: {
    outDir: "../custom_components/tuya_lock_users/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "LICENSES.md" },
    rolldownOptions: {
      input: { panel: "src/panel.ts", card: "src/card.ts" },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        comments: { legal: true },
        codeSplitting: { groups: [{ name: "lit", test: /node_modules/ }] },
      },
    },
  },
});
