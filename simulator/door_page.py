"""A page to open doors: one button for each unlock method."""

from html import escape
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .cloud import SimulatedCloud
    from .lock import Lock

PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Simulated locks</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem }}
button {{ font: inherit; margin: .15rem; padding: .3rem .7rem }}
</style></head><body><h1>Simulated locks</h1>{locks}<output></output><script>
document.addEventListener("click", async ({{ target }}) => {{
  if (!target.dataset.command) return;
  const reply = await fetch("/_control/" + target.dataset.command,
    {{ method: "POST", body: target.dataset.given }});
  document.querySelector("output").textContent =
    target.textContent + (reply.ok ? ": done" : ": " + await reply.text());
}});
</script></body></html>
"""


def page(cloud: SimulatedCloud) -> str:
    """Return the page."""
    return PAGE.format(locks="".join(map(_section, cloud.locks.values())))


def _section(lock: Lock) -> str:
    """Return the buttons of a lock."""
    name = lock.device.name
    buttons = [
        _button(
            f"{user.nick_name}: {method.unlock_name or method.unlock_id}",
            "open",
            {"lock": name, "way": method.dp_code, "number": method.unlock_sn},
        )
        for user in lock.users.values()
        for method in lock.methods_of(user)
    ]
    buttons += [
        _button("App", "open", {"lock": name, "way": "app"}),
        _button("From inside", "open", {"lock": name, "way": "inside"}),
        _button("Doorbell", "ring", {"lock": name}),
        _button("Tamper alarm", "alarm", {"lock": name, "word": "pry"}),
    ]
    return f"<h2>{escape(name)}</h2><p>{''.join(buttons)}</p>"


def _button(label: str, command: str, given: dict[str, Any]) -> str:
    """Return a button for a command."""
    data = escape(json.dumps(given))
    return (
        f'<button data-command="{command}" data-given="{data}">{escape(label)}</button>'
    )
