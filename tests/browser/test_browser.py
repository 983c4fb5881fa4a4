"""Use of the panel, with a real Home Assistant and a simulated cloud."""

from pathlib import Path
import re
import time

from playwright.sync_api import Locator, Page, WebSocketRoute, expect
import pytest

from .conftest import PANEL, Cloud, Open, act, ask, log_in, violations

# A lock takes its time, and so does a busy machine.
expect.set_options(timeout=30_000)

FRONT_DOOR = f"{PANEL}/vdevo1700000000000001"


def paint(page: Page, day: int, first: float, last: float) -> None:
    """Drag over some hours of a day (Monday is 0)."""
    box = page.locator(f"tlu-week-grid [data-day='{day}']").bounding_box()
    assert box
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * first / 24 + 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * last / 24 - 2, steps=5)
    page.mouse.up()


def see_changes(page: Page, cloud: Cloud) -> None:
    """Rename a user of the front door in the app, and back."""
    for old, new in (("Mia Ortmann", "Mia Mond"), ("Mia Mond", "Mia Ortmann")):
        cloud.change("rename", lock="Front door", user=old, name=new)
        page.get_by_role("button", name="Read now").click()
        expect(page.get_by_role("link", name=new)).to_be_visible()


def show_card(page: Page) -> Locator:
    """Show nothing but a card of the front door."""
    page.wait_for_function(
        "Object.keys(document.querySelector('home-assistant')?.hass?.states ?? {}).length"
    )
    page.wait_for_function("!!window.customElements.get('tuya-lock-users-card')")
    page.evaluate(Path(__file__).with_name("show_card.js").read_text(encoding="utf-8"))
    return page.locator("tuya-lock-users-card")


@pytest.mark.parametrize(
    ("width", "dark"), [(400, True), (1000, False), (1600, True)], ids=str
)
def test_cold_deep_link(open_page: Open, width: int, dark: bool) -> None:
    page = open_page(f"{FRONT_DOOR}", width=width, dark=dark)
    expect(page.get_by_role("link", name="Clara Clean")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Clara Clean").click()
    url = page.url
    page = open_page(url.removeprefix(url.split("/tuya")[0]), width=width, dark=dark)
    expect(page.get_by_role("heading", name="Clara Clean")).to_be_visible()
    expect(page.locator("ha-selector").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_live_and_free(open_page: Open, cloud: Cloud) -> None:
    """Changes show within a second of being read, and looking costs no call."""
    # The plan reads the lock meanwhile, but not every time.
    for _ in range(8):
        calls = cloud.calls
        page = open_page(FRONT_DOOR)
        expect(page.get_by_role("link", name="Mia Ortmann")).to_be_visible()
        time.sleep(1)
        if cloud.calls == calls:
            break
    assert cloud.calls == calls
    see_changes(page, cloud)


def test_lost_connection(open_page: Open, cloud: Cloud) -> None:
    """The list is live again, whichever subscriptions Home Assistant ends."""
    page = open_page(FRONT_DOOR, loses_connection=True)
    expect(page.get_by_role("link", name="Mia Ortmann")).to_be_visible()
    reconnect = Path(__file__).with_name("reconnect.js").read_text(encoding="utf-8")
    for _ in range(2):
        page.evaluate(reconnect)
        expect(page.get_by_role("button", name="Read now")).to_be_enabled()
    see_changes(page, cloud)


def test_mondays_nine_to_twelve(open_page: Open, cloud: Cloud) -> None:
    """A user is limited with four clicks; the change is pending, then applied."""
    cloud.change("delivery", lock="Front door", outcome="SUCCESS", delay=3)
    page = open_page(FRONT_DOOR, height=1200)
    page.get_by_role("link", name="Mia Ortmann").click()
    sheet = page.locator("tlu-user-sheet")
    sheet.get_by_role("radio", name="Limited").click()
    paint(page, 0, 9, 12)
    summary = sheet.locator(".summary")
    expect(summary).to_contain_text(re.compile("Mon .9:00.AM–12:00.PM"))
    before = sum(cloud.calls.values())
    page.get_by_role("button", name="Save", exact=True).click()
    delivery = sheet.locator(".now .delivery")
    expect(delivery).to_contain_text("On its way to the lock")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()
    expect(delivery).to_have_count(0)
    assert sum(cloud.calls.values()) > before

    # And back, by keyboard alone.
    sheet.get_by_role("radio", name="Limited").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()


def test_refusal_in_german(open_page: Open, cloud: Cloud) -> None:
    """A failed delivery is shown in the user's language."""
    cloud.change("delivery", lock="Front door", outcome="FAILED", delay=1)
    page = open_page(FRONT_DOOR, language="de")
    page.get_by_role("link", name="Ben Babysitter").click()
    sheet = page.locator("tlu-user-sheet")
    sheet.get_by_role("radio").first.click()
    sheet.locator(".schedule").click()
    expect(sheet.locator("[role=alert]")).to_contain_text(re.compile("Schloss"))
    assert violations(page) == []
    cloud.change("delivery", lock="Front door", outcome="SUCCESS", delay=0)


def test_assigning_the_card(open_page: Open) -> None:
    page = open_page(FRONT_DOOR)
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_role("button", name=re.compile("^Assign to: Card")).first.click()
    page.get_by_role("button", name="Clara Clean").click()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("link", name="Clara Clean").click()
    expect(page.locator("tlu-methods li", has_text="Card")).to_be_visible()


def test_back_on_a_phone(open_page: Open) -> None:
    """Back closes the sheet and leaves the panel only then; a tap adds an hour."""
    page = open_page(FRONT_DOOR, width=400, height=800, touch=True)
    page.get_by_role("link", name="Mia Ortmann").tap()
    page.get_by_role("radio", name="Limited", exact=True).tap()
    day = page.locator("tlu-week-grid [data-day='2']")
    day.scroll_into_view_if_needed()
    day.tap(position={"x": 10, "y": 200})
    expect(page.locator("tlu-window-row")).to_have_count(1)
    page.locator("tlu-user-sheet .discard").tap()
    page.go_back()
    expect(page.locator("tlu-user-sheet")).to_have_count(0)
    expect(page.get_by_role("link", name="Mia Ortmann")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_right_to_left(open_page: Open) -> None:
    page = open_page(FRONT_DOOR, language="he")
    expect(page.get_by_role("link", name="Clara Clean")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1000
    assert violations(page) == []


def test_card(open_page: Open) -> None:
    """The card is available on every dashboard, and uses states alone.

    The app of Home Assistant is large, and not in the browser's cache after an update.
    """
    page = open_page("/door-locks", slow_app=True)
    card = show_card(page)
    assert page.evaluate("customCards.map(({ type }) => type)") == [
        "tuya-lock-users-card"
    ]
    expect(card.get_by_role("heading", name="Front door")).to_be_visible()
    expect(card.get_by_role("button", name="Anton Ahrens")).to_contain_text("Can enter")
    assert violations(page) == []


def test_code_for_the_weekend(open_page: Open) -> None:
    """A code takes four clicks and a name; it is shown once, and deleted."""
    page = open_page(FRONT_DOOR)
    page.get_by_role("button", name="Passwords").click()
    page.get_by_role("button", name="Add password").click()
    page.get_by_role("textbox", name="Name").fill("Weekend guests")
    page.get_by_role("radio", name="This weekend").click()
    page.get_by_role("button", name="Create").click()
    code = page.locator("tlu-code-dialog output")
    expect(code).to_have_text(re.compile(r"^\d{6,10}$"))
    pin = code.inner_text()
    assert violations(page) == []
    page.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == pin
    page.get_by_role("button", name="Close").click()
    row = page.locator("tlu-passwords li", has_text="Weekend guests")
    expect(row).to_contain_text("Active")
    expect(page.get_by_text(pin)).to_have_count(0)
    page.get_by_role("button", name="Freeze: Weekend guests").click()
    expect(page.locator("tlu-passwords [role=alert]")).to_contain_text("not support")
    page.get_by_role("button", name="Delete: Weekend guests").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    assert violations(page) == []


def test_freezing(open_page: Open, cloud: Cloud) -> None:
    """A lock that supports it freezes a code, and lets it open again."""
    cloud.change("online", lock="Holiday flat", online=True)
    page = open_page(f"{PANEL}/vdevo1700000000000003/passwords")
    page.get_by_role("button", name="Add password").click()
    page.get_by_role("textbox", name="Name").fill("Neighbors")
    page.get_by_role("button", name="Create").click()
    close = page.locator("tlu-code-dialog").get_by_role("button", name="Close")
    close.click(timeout=60_000)
    row = page.locator("tlu-passwords li", has_text="Neighbors")
    for action, status in (("Freeze", "Frozen"), ("Unfreeze", "Active")):
        page.get_by_role("button", name=f"{action}: Neighbors").click()
        expect(row).to_contain_text(status)
        assert violations(page) == []
    cloud.change("online", lock="Holiday flat", online=False)


def test_refused_code(open_page: Open, cloud: Cloud) -> None:
    """A refusal is shown in the dialog, where the next attempt is made."""
    cloud.change("fail", code=2322, on="add_password", times=1)
    page = open_page(f"{FRONT_DOOR}/passwords")
    page.get_by_role("button", name="Add password").click()
    page.get_by_role("textbox", name="Name").fill("Plumber again")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("tlu-password-dialog [role=alert]")).to_be_visible()
    page.get_by_role("button", name="Create").click()
    expect(page.locator("tlu-code-dialog")).to_contain_text("Plumber again")


def test_who_came_yesterday(open_page: Open, cloud: Cloud) -> None:
    """The history of a lock takes one click."""
    cloud.change("open", lock="Front door", user="Clara Clean", ago=86_400)
    page = open_page(FRONT_DOOR)
    page.get_by_role("button", name="History", exact=True).click()
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()
    expect(page.locator("tlu-history li").first).to_contain_text(
        "Opened by Clara Clean"
    )
    assert violations(page) == []


def test_enrollment(open_page: Open) -> None:
    """A lock is told to stop, then learns a finger, touch by touch."""
    page = open_page(FRONT_DOOR)
    page.get_by_role("link", name="Mia Ortmann").click()
    for cancels in (True, False):
        page.get_by_role("button", name="Add a method").click()
        page.get_by_role("textbox", name="Name").fill("Left thumb")
        page.get_by_role("button", name="Start").click()
        dialog = page.locator("tlu-enroll")
        expect(dialog).to_contain_text("go to Front door")
        if cancels:
            assert violations(page) == []
            dialog.get_by_role("button", name="Cancel").click()
        else:
            expect(dialog).to_contain_text("1 of 4 touches")
            expect(dialog).to_contain_text("Lift")
        expect(dialog).to_have_count(0)
    expect(page.locator("tlu-methods li", has_text="Left thumb")).to_be_visible()


def test_restart_and_update(open_page: Open, cloud: Cloud) -> None:
    """An open page follows a reload and a restart, and hints at a new version."""
    page = open_page(FRONT_DOOR, loses_connection=True)
    clara = page.get_by_role("link", name="Clara Clean")
    lost = page.get_by_text("Connection lost")
    expect(clara).to_be_visible()
    [entry] = ask(page, "config_entries/get", domain="tuya_lock_users")
    act(page, "homeassistant", "reload_config_entry", entry_id=entry["entry_id"])
    expect(clara).to_be_visible()
    act(page, "homeassistant", "restart")
    expect(lost).to_be_visible(timeout=60_000)
    expect(lost).to_be_hidden(timeout=120_000)
    # Home Assistant sets up the entry only after it accepts connections.
    expect(clara).to_be_visible(timeout=120_000)
    see_changes(page, cloud)

    # After an update, Home Assistant names another version than the page has.
    updated = {"version": '"version":"later"'}

    def serve(page_side: WebSocketRoute) -> None:
        server = page_side.connect_to_server()
        server.on_message(
            lambda text: page_side.send(
                re.sub(
                    r'"version": ?"\w{12}"', updated.get("version", r"\g<0>"), str(text)
                )
            )
        )

    page.route_web_socket("**/api/websocket", serve)
    page.reload()
    reload = page.get_by_role("button", name="Reload")
    expect(reload).to_be_visible()
    updated.clear()
    reload.click()
    expect(clara).to_be_visible()
    expect(reload).to_have_count(0)


def test_card_for_everybody(open_page: Open) -> None:
    """Other users than administrators have the card, but neither the panel nor a link to it."""
    owner = open_page("/door-locks")
    person = ask(
        owner,
        "config/auth/create",
        name="Visitor",
        group_ids=["system-users"],
        local_only=False,
    )["user"]
    page = open_page("/door-locks", tokens=log_in(person["id"]))
    try:
        expect(page.get_by_role("link", name="Calendar")).to_be_visible()
        expect(page.get_by_role("link", name="Lock users")).to_have_count(0)
        card = show_card(page)
        expect(card.get_by_role("button", name="Anton Ahrens")).to_contain_text(
            "Can enter"
        )
        expect(card.get_by_role("button", name="Manage lock users")).to_have_count(0)
        assert violations(page) == []
    finally:
        # Otherwise it would log in again and again, and could not be closed.
        page.close()
        ask(owner, "config/auth/delete", user_id=person["id"])
