"""Build the archive of a release, with its version in the manifest.

    python scripts/release.py 1.2.3

HACS and the Marketplace unpack `tuya_lock_users.zip` into the folder of the integration.
The version has to be dated in the changelog: an undescribed release is refused.
"""

import json
from pathlib import Path
import re
import sys
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "tuya_lock_users"
# The same files give the same archive: the first moment that a ZIP can hold.
TIMESTAMP = (1980, 1, 1, 0, 0, 0)


def build(version: str, changelog: str, archive: Path) -> None:
    """Write the archive. Raise ValueError for a version that may not be released."""
    if not re.fullmatch(r"\d+\.\d+\.\d+(?:-[\w.]+)?", version):
        raise ValueError(f"{version} is not a version")
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-", changelog, re.MULTILINE
    ):
        raise ValueError(f"CHANGELOG.md has no dated section for {version}")
    with ZipFile(archive, "w", ZIP_DEFLATED) as zip_file:
        for path in sorted(INTEGRATION.rglob("*")):
            name = path.relative_to(INTEGRATION).as_posix()
            if path.is_dir() or "__pycache__" in name:
                continue
            content = path.read_bytes()
            if name == "manifest.json":
                manifest = json.loads(content) | {"version": version}
                content = f"{json.dumps(manifest, indent=2)}\n".encode()
            zip_file.writestr(ZipInfo(name, TIMESTAMP), content, ZIP_DEFLATED)


def main() -> int:
    """Build the archive of the version on the command line."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        (version,) = sys.argv[1:]
        build(version, changelog, ROOT / f"{INTEGRATION.name}.zip")
    except ValueError as err:
        print(f"release: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
