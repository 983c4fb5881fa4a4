"""Take the pictures of the documentation: pictures.py HOME_URL CLOUD_PORT."""

from collections.abc import Iterator
from contextlib import contextmanager
import io
import json
import os
from pathlib import Path
import sys
from typing import Any, Final
from urllib.request import Request, urlopen

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

IMAGES: Final = Path(__file__).parents[1] / "docs/images"
FRONT_DOOR: Final = "/tuya_lock_users/vdevo1700000000000001"
DAY: Final = 86_400

# A browser draws no pointer into its pictures.
POINTER: Final = """() => {
  const pointer = document.createElement("div");
  pointer.style.cssText = "position: fixed; z-index: 9999; width: 18px; height: 18px;"
    + "margin: -9px; border-radius: 50%; pointer-events: none;"
    + "background: rgb(0 0 0 / 35%); border: 2px solid #fff;";
  document.body.append(pointer);
  addEventListener("pointermove", (event) => {
    pointer.style.left = `${event.clientX}px`;
    pointer.style.top = `${event.clientY}px`;
  }, true);
}"""

CARD: Final = """() => {
  const { hass } = document.querySelector("home-assistant");
  const card = document.createElement("tuya-lock-users-card");
  card.hass = hass;
  const lock = Object.values(hass.devices).find((device) => device.name === "Front door");
  card.setConfig({ type: "custom:tuya-lock-users-card", device_id: lock.id });
  card.style.cssText = "display: block; width: 420px; padding: 16px;";
  document.body.replaceChildren(card);
}"""


DEVICE: Final = """Object.values(
  document.querySelector("home-assistant")?.hass?.devices ?? {}
).find((device) => device.name === "Front door")?.id"""

OPENED: Final = """Object.values(
  document.querySelector("home-assistant").hass.states
).some((state) => state.state === "Olivia Ortmann")"""


def change(port: str, what: str, **given: Any) -> None:
    """Change something in the simulated cloud."""
    address = f"http://127.0.0.1:{port}/_control/{what}"
    request = Request(address, json.dumps(given).encode(), method="POST")
    with urlopen(request, timeout=10):
        pass


def prepare(port: str) -> None:
    """Let people come home, yesterday and today."""
    for user, hours in (
        ("Olivia Ortmann", 2),
        ("Clara Clean", 3),
        ("Mia Ortmann", 15),
        ("Anton Ahrens", 26),
        ("Clara Clean", 27),
        ("Ben Babysitter", 38),
    ):
        change(port, "open", lock="Front door", user=user, ago=hours * 3600)
    change(port, "delivery", outcome="SUCCESS", delay=4)


def save(image: bytes, name: str) -> None:
    """Save a picture in few bytes."""
    path = IMAGES / f"{name}.png"
    with Image.open(io.BytesIO(image)) as opened:
        opened.convert("RGB").save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size} bytes")


@contextmanager
def page_of(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """Yield a page of Home Assistant that shows what it has."""
    context = browser.new_context(
        timezone_id="Europe/Berlin", reduced_motion="reduce", **options
    )
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def panel(browser: Browser, url: str, dark: bool) -> None:
    """The list with a user beside it."""
    with page_of(
        browser,
        url + FRONT_DOOR,
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if dark else "light",
    ) as page:
        page.get_by_text("1 change is on its way").wait_for()
        page.get_by_role("link", name="Clara Clean").click()
        page.locator("ha-selector").first.wait_for()
        page.wait_for_timeout(1000)
        save(page.screenshot(), "panel-dark" if dark else "panel")


def phone(browser: Browser, url: str, path: str, name: str, user: str = "") -> None:
    """A place of the panel on a phone."""
    with page_of(
        browser,
        f"{url}{FRONT_DOOR}{path}",
        viewport={"width": 390, "height": 800},
        device_scale_factor=2,
        has_touch=True,
    ) as page:
        if user:
            page.get_by_role("link", name=user).click()
        page.get_by_role("heading", name=user or "Lock users").wait_for()
        page.wait_for_timeout(2000)
        save(page.screenshot(), name)


def card(browser: Browser, url: str) -> None:
    """The card by itself."""
    with page_of(browser, f"{url}/door-locks", device_scale_factor=2) as page:
        page.wait_for_function("!!customElements.get('tuya-lock-users-card')")
        page.wait_for_function(
            "Object.keys(document.querySelector('home-assistant')?.hass?.states ?? {}).length"
        )
        page.evaluate(CARD)
        page.wait_for_timeout(1000)
        save(page.locator("tuya-lock-users-card").screenshot(), "card")


def device(browser: Browser, url: str) -> None:
    """The device of a lock."""
    with page_of(browser, url, viewport={"width": 1280, "height": 900}) as page:
        page.wait_for_function(DEVICE)
        # Records are read in the first minutes after a start.
        page.wait_for_function(OPENED, timeout=180_000)
        page.goto(f"{url}/config/devices/device/{page.evaluate(DEVICE)}")
        page.wait_for_timeout(5000)
        save(page.screenshot(), "lock-device")


class Film:
    """Frames of a part of a page, each with its milliseconds."""

    def __init__(self, page: Page, part: Locator) -> None:
        """Start without frames."""
        box = part.bounding_box()
        assert box
        self._page = page
        self._clip: FloatRect = box
        self._frames: list[Image.Image] = []
        self._times: list[int] = []
        self._at: tuple[float, float] | None = None

    def shot(self, milliseconds: int = 80) -> None:
        """Take a frame."""
        image = self._page.screenshot(clip=self._clip)
        self._frames.append(Image.open(io.BytesIO(image)).convert("RGB"))
        self._times.append(milliseconds)

    def move(self, x: float, y: float, steps: int = 6) -> None:
        """Move the pointer, frame by frame."""
        start_x, start_y = self._at or (x, y)
        for step in range(1, steps + 1):
            part = step / steps
            self._page.mouse.move(
                start_x + (x - start_x) * part, start_y + (y - start_y) * part
            )
            self.shot()
        self._at = (x, y)

    def press(self, button: Locator) -> None:
        """Move to a button and press it."""
        box = button.bounding_box()
        assert box
        self.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._page.mouse.down()
        self._page.mouse.up()
        self._page.wait_for_timeout(300)
        self.shot(700)

    def save(self, name: str) -> None:
        """Save all frames as one animation."""
        path = IMAGES / f"{name}.webp"
        first, *others = self._frames
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self._times,
            loop=0,
            quality=70,
            method=6,
        )
        print(f"{path.name}: {path.stat().st_size} bytes")


def painting(browser: Browser, url: str) -> None:
    """Limit a user to the mornings of weekdays, by painting."""
    with page_of(
        browser, url + FRONT_DOOR, viewport={"width": 1440, "height": 920}
    ) as page:
        page.get_by_role("link", name="Mia Ortmann").click()
        page.get_by_role("heading", name="Mia Ortmann").wait_for()
        page.wait_for_timeout(1000)
        page.evaluate(POINTER)
        film = Film(page, page.locator("tlu-dialog"))
        film.shot(800)
        film.press(page.get_by_role("radio", name="Limited", exact=True))
        days = [page.locator(f"tlu-week-grid [data-day='{day}']") for day in (0, 4)]
        first, last = (day.bounding_box() for day in days)
        assert first
        assert last
        hour = first["height"] / 24
        film.move(first["x"] + first["width"] / 2, first["y"] + 9 * hour + 2)
        page.mouse.down()
        film.move(first["x"] + first["width"] / 2, first["y"] + 12 * hour - 2)
        film.move(last["x"] + last["width"] / 2, first["y"] + 12 * hour - 2, steps=10)
        page.mouse.up()
        film.shot(900)
        film.press(page.get_by_role("button", name="Save", exact=True))
        for _ in range(4):
            page.wait_for_timeout(250)
            film.shot(250)
        page.locator("tlu-user-sheet .now .delivery").wait_for(state="detached")
        film.shot(1800)
        film.save("painting")


def main() -> None:
    """Take all pictures."""
    url, port = sys.argv[1:]
    prepare(port)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for dark in (False, True):
            panel(browser, url, dark)
        phone(browser, url, "", "phone", "Clara Clean")
        phone(browser, url, "/history", "history")
        card(browser, url)
        device(browser, url)
        painting(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
