import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// Debian's Chromium: real components, keyboard and layout.
export default defineConfig({
  optimizeDeps: { include: ["lit", "lit/directives/keyed.js", "@mdi/js", "axe-core"] },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 1000, height: 800 },
      provider: playwright({
        launchOptions: {
          executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
          args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        },
        contextOptions: {
          timezoneId: "Asia/Tokyo",
          locale: "en-US",
          reducedMotion: "reduce",
        },
      }),
      instances: [{ browser: "chromium" }],
    },
    coverage: {
      provider: "v8",
      include: ["src/**"],
      reporter: ["text-summary"],
      thresholds: { lines: 95 },
      reportsDirectory: "node_modules/.coverage",
    },
  },
});
