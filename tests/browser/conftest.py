"""A page of Home Assistant in Chromium, and the simulated cloud to change things in."""

from collections.abc import Callable, Iterator
import json
import os
from pathlib import Path
import re
import time
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page, Route, sync_playwright
import pytest

type Json = dict[str, Any]
type Open = Callable[..., Page]

HOME_URL: Final = os.environ.get("HOME_URL", "")
# While Home Assistant restarts, its own modules cannot be fetched. Its sidebar ends its
# subscription by a number of the connection that was lost.
AFTER_A_LOSS: Final = re.compile(
    rf"imported module: {HOME_URL}/frontend_latest/"
    r"""|^(Error: )?{"code":"not_found","message":"Subscription not found."}$"""
)
# What was rejected and is no error is shown with its content.
READABLE: Final = """
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Error) return;
  event.preventDefault();
  reportError(new Error(JSON.stringify(event.reason)));
});
"""
AXE: Final = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PANEL: Final = "/tuya_lock_users"


def pytest_ignore_collect() -> bool | None:
    """Leave these tests to scripts/browser, which brings what they need."""
    return None if HOME_URL else True


class Cloud:
    """The simulated cloud, changed as a person would in the app or at the door."""

    def __init__(self, port: str) -> None:
        """Find its plain control surface."""
        self._url = f"http://127.0.0.1:{port}/_control"

    def change(self, what: str, **given: Any) -> None:
        body = json.dumps(given).encode()
        request = Request(f"{self._url}/{what}", body, method="POST")
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    @property
    def calls(self) -> Json:
        """How often each endpoint was called."""
        with urlopen(f"{self._url}/calls", timeout=10) as answer:
            calls: Json = json.load(answer)
        return calls


@pytest.fixture(scope="session")
def cloud() -> Cloud:
    return Cloud(os.environ["CLOUD_PORT"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def wait_a_second(route: Route) -> None:
    time.sleep(1)
    route.continue_()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Return a function that opens a page without a cache; errors fail the test.

    No page asks any other host, and none raises an error.
    """
    problems: list[str] = []
    contexts = []

    def open_page(
        path: str = PANEL,
        *,
        width: int = 1000,
        height: int = 850,
        dark: bool = False,
        language: str | None = None,
        touch: bool = False,
        tokens: Json | None = None,
        loses_connection: bool = False,
        slow_app: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            timezone_id="Asia/Tokyo",
            has_touch=touch,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        context.add_init_script(READABLE)
        if language:
            context.add_init_script(
                f"localStorage.selectedLanguage = JSON.stringify({language!r})"
            )
        if tokens:
            context.add_init_script(
                f"localStorage.hassTokens = JSON.stringify({json.dumps(tokens)})"
            )
        if slow_app:
            context.route("**/frontend_latest/app.*.js", wait_a_second)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on(
            "pageerror",
            lambda error: (
                None
                if loses_connection and AFTER_A_LOSS.search(str(error))
                else problems.append(f"error: {error}")
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if re.match(rf"({HOME_URL}|data:|blob:)", request.url)
                else problems.append(f"request: {request.url}")
            ),
        )
        page.goto(HOME_URL + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def act(page: Page, domain: str, action: str, **data: Any) -> None:
    page.evaluate(
        """([domain, action, data]) =>
          document.querySelector("home-assistant").hass.callService(domain, action, data)
        """,
        [domain, action, data],
    )


def ask(page: Page, command: str, **data: Any) -> Any:
    """Send a WebSocket command as the person of the page."""
    page.wait_for_function("document.querySelector('home-assistant')?.hass?.user")
    return page.evaluate(
        "(message) => document.querySelector('home-assistant').hass.callWS(message)",
        {"type": command, **data},
    )


def post(path: str, body: bytes) -> Json:
    with urlopen(Request(HOME_URL + path, body, method="POST"), timeout=10) as answer:
        content: Json = json.load(answer)
    return content


def log_in(user_id: str) -> Json:
    """Return what the browser of a person keeps when logged in."""
    client = f"{HOME_URL}/"
    flow = post(
        "/auth/login_flow",
        json.dumps(
            {
                "client_id": client,
                "handler": ["trusted_networks", None],
                "redirect_uri": client,
            }
        ).encode(),
    )
    result = post(
        f"/auth/login_flow/{flow['flow_id']}",
        json.dumps({"client_id": client, "user": user_id}).encode(),
    )
    grant = {
        "client_id": client,
        "code": result["result"],
        "grant_type": "authorization_code",
    }
    tokens = post("/auth/token", urlencode(grant).encode())
    expires = (time.time() + tokens["expires_in"]) * 1000
    return tokens | {"hassUrl": HOME_URL, "clientId": client, "expires": expires}


def violations(page: Page) -> list[str]:
    """Return what axe finds in the panel, but for what Home Assistant's inputs do."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    find = Path(__file__).with_name("violations.js").read_text(encoding="utf-8")
    found: list[str] = page.evaluate(find)
    return found
