import { beforeEach, describe, expect, test } from "vitest";
import { TuyaLockUsersCard } from "../src/card";
import type { DeviceEntry, EntityEntry, EntityState, HomeAssistant } from "../src/types";
import { FakeHass, textOf, until } from "./support";

class HaCard extends HTMLElement {}
customElements.define("ha-card", HaCard);

const device = (id: string, name: string, parent: string | null = null): DeviceEntry => ({
  id,
  name,
  name_by_user: null,
  parent_device_id: parent,
  identifiers: [["tuya_lock_users", parent ? `door:${id}` : "door"]],
});

const house = (admin = true): HomeAssistant => {
  const { hass } = new FakeHass();
  const entities: Record<string, EntityEntry> = {};
  const states: Record<string, EntityState> = {};
  const devices: Record<string, DeviceEntry> = { lock: device("lock", "Front door") };
  const add = (
    id: string,
    name: string,
    access: string,
    until = "unknown",
    next_change: string | null = null,
  ): void => {
    devices[id] = device(id, name, "lock");
    for (const [key, state] of [
      ["access", access],
      ["access_until", until],
    ] as const) {
      const entity_id = `sensor.${id}_${key}`;
      entities[entity_id] = {
        entity_id,
        device_id: id,
        platform: "tuya_lock_users",
        translation_key: key,
      };
      states[entity_id] = { entity_id, state, attributes: { next_change } };
    }
  };
  const end = "2036-09-24T21:59:59+00:00";
  add("a", "Anna", "outside_hours", end, "2035-09-24T07:00:00+00:00");
  add("b", "Bob", "allowed", "2037-12-31T22:59:59+00:00");
  add("c", "Carl", "unavailable");
  add("d", "Dora", "allowed", end, "2036-09-24T22:00:00+00:00");
  add("e", "Emil", "allowed", "unknown", "2050-01-01T11:00:00+00:00");
  add("f", "Fred", "expired", "2026-09-24T21:59:59+00:00");
  return {
    ...hass,
    entities,
    states,
    devices,
    user: { is_admin: admin },
    config: { time_zone: "Europe/Berlin" },
  };
};

const show = async (config: Record<string, unknown>, hass = house()) => {
  document.body.replaceChildren();
  const card = document.createElement("tuya-lock-users-card") as TuyaLockUsersCard;
  card.hass = hass;
  card.setConfig({ type: "custom:tuya-lock-users-card", ...config });
  document.body.append(card);
  await until(() => card.shadowRoot!.querySelector("ha-card"));
  return card;
};

describe("the card", () => {
  beforeEach(() => history.replaceState(null, "", "/lovelace"));

  test("shows who may enter, those who may first", async () => {
    const card = await show({ device_id: "lock" });
    expect(textOf(card)).toBe(
      "Front door B Bob Can enter D Dora Can enter until Sep 24, 2036 " +
        "E Emil Can enter until Jan 1, 2050 " +
        "A Anna Outside hours from Sep 24, 2035 F Fred Expired C Carl Unknown",
    );
    expect(card.getCardSize()).toBe(8);
    expect(card.getGridOptions()).toMatchObject({ columns: 12 });
  });

  test("shows only some, under a title of its own", async () => {
    let card = await show({ device_id: "lock", show: "allowed", title: "Now" });
    expect(textOf(card)).toContain("Now B Bob Can enter D Dora");
    card = await show({ device_id: "lock", show: "limited" });
    expect(textOf(card)).not.toContain("Bob");
    card = await show({});
    expect(textOf(card)).toContain("Select a lock");
    const hass = house();
    hass.states = {};
    card = await show({ device_id: "lock", show: "allowed" }, hass);
    expect(textOf(card)).toContain("No one can enter now");
  });

  test("opens more info for everybody, and the panel for administrators", async () => {
    let card = await show({ device_id: "lock" });
    let asked = "";
    card.addEventListener("hass-more-info", (event) => {
      asked = (event as CustomEvent<{ entityId: string }>).detail.entityId;
    });
    card.shadowRoot!.querySelector<HTMLElement>(".person")!.click();
    expect(asked).toBe("sensor.b_access");
    card.shadowRoot!.querySelector<HTMLElement>(".icon-button")!.click();
    expect(location.pathname).toBe("/tuya_lock_users/door");
    card = await show({ device_id: "lock" }, house(false));
    expect(card.shadowRoot!.querySelector(".icon-button")).toBeNull();
  });

  test("loads its texts once for all cards of a dashboard", async () => {
    const hass = house();
    // As Home Assistant does: texts that are being loaded are taken for loaded.
    const asked: string[] = [];
    const { loadBackendTranslation: load } = hass;
    hass.loadBackendTranslation = async (category) =>
      asked.push(category) && asked.lastIndexOf(category) === asked.indexOf(category)
        ? load(category)
        : () => "";
    document.body.replaceChildren();
    const cards = [1, 2].map(() => {
      const card = document.createElement("tuya-lock-users-card") as TuyaLockUsersCard;
      card.hass = hass;
      card.setConfig({ type: "custom:tuya-lock-users-card", device_id: "lock" });
      document.body.append(card);
      return card;
    });
    await until(() => cards.every((card) => card.shadowRoot!.querySelector("ha-card")));
    expect(asked).toEqual(["entity", "config_panel"]);
  });

  test("follows states of its own only", async () => {
    const card = await show({ device_id: "lock" });
    const { hass } = card;
    card.hass = { ...hass, states: { ...hass.states, "sun.sun": undefined } };
    await card.updateComplete;
    card.hass = {
      ...hass,
      states: {
        ...hass.states,
        "sensor.b_access": { entity_id: "sensor.b_access", state: "suspended", attributes: {} },
      },
    };
    await card.updateComplete;
    expect(textOf(card)).toContain("Bob Suspended");
  });

  test("is offered with a form and a start", async () => {
    const root = document.createElement("home-assistant");
    document.body.append(Object.assign(root, { hass: house() }));
    const form = (await TuyaLockUsersCard.getConfigForm()) as {
      schema: { name: string }[];
      computeLabel: (field: { name: string }) => string;
    };
    expect(form.schema.map(({ name }) => name)).toEqual(["device_id", "title", "show"]);
    expect(form.schema.map(form.computeLabel)).toEqual(["Lock", "Title", "Show"]);
    root.remove();
    expect(TuyaLockUsersCard.getStubConfig(house())).toEqual({ device_id: "lock", show: "all" });
    expect(TuyaLockUsersCard.getStubConfig(new FakeHass().hass).device_id).toBe("");
    const { customCards } = window as unknown as { customCards: { type: string }[] };
    expect(customCards.map(({ type }) => type)).toEqual(["tuya-lock-users-card"]);
  });
});
