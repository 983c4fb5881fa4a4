// Lose the connection, and wait for the next one and what it makes Home Assistant draw.
() =>
  new Promise((resolve) => {
    const { connection } = document.querySelector("home-assistant").hass;
    connection.addEventListener("ready", () => setTimeout(resolve, 500));
    connection.reconnect();
  })
