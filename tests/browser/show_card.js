() => {
  const { hass } = document.querySelector("home-assistant");
  const card = document.createElement("tuya-lock-users-card");
  card.hass = hass;
  const lock = Object.values(hass.devices).find((d) => d.name === "Front door");
  card.setConfig({ type: "custom:tuya-lock-users-card", device_id: lock.id });
  document.body.replaceChildren(card);
}
