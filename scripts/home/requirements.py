"""Print the packages that Home Assistant needs at start, one per line.

Home Assistant installs the requirements of integrations when it first loads them. If they
are installed before, a start needs no network. Run it with the Python of that version.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from homeassistant import bootstrap, components


def read_manifest(domain: str, custom: Path) -> dict[str, Any]:
    """Return the manifest of an integration, empty for an unknown one."""
    for folder in (custom, Path(components.__file__).parent):
        file = folder / domain / "manifest.json"
        if file.is_file():
            manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return manifest
    return {}


def requirements(domains: set[str], custom: Path) -> set[str]:
    """Return the requirements of integrations and their dependencies."""
    found: set[str] = set()
    waiting, seen = list(domains), set(domains)
    while waiting:
        manifest = read_manifest(waiting.pop(), custom)
        found.update(manifest.get("requirements", ()))
        for kind in ("dependencies", "after_dependencies"):
            new = set(manifest.get(kind, ())) - seen
            seen |= new
            waiting += new
    return found


def main() -> None:
    """Print the packages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--custom", type=Path, default=Path("custom_components"))
    parser.add_argument("domains", nargs="*", help="configured ones")
    arguments = parser.parse_args()
    own = {file.parent.name for file in arguments.custom.glob("*/manifest.json")}
    domains = bootstrap.DEFAULT_INTEGRATIONS | own | set(arguments.domains)
    print(*sorted(requirements(domains, arguments.custom)), sep="\n")


if __name__ == "__main__":
    main()
