import { expect, test } from "vitest";
import "../src/load-card";
import { until } from "./support";

test("the card is defined after Home Assistant's app has started", async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(customElements.get("tuya-lock-users-card")).toBeUndefined();
  customElements.define("home-assistant", class extends HTMLElement {});
  await until(() => customElements.get("tuya-lock-users-card"));
});
