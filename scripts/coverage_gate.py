"""Check the test coverage of each module in coverage.json.

Prints only modules below their limit.
"""

import json
from pathlib import Path
import sys

INTEGRATION = "custom_components/tuya_lock_users"

# Above 95 %: coverage.json has two digits.
EVERYWHERE = 95.01
# The flows and the client are tested completely.
COMPLETE = (
    f"{INTEGRATION}/config_flow.py",
    f"{INTEGRATION}/flow/",
    f"{INTEGRATION}/api/",
)


def main() -> int:
    """Print the modules below their limit."""
    report = json.loads(Path("coverage.json").read_text(encoding="utf-8"))
    measured = {
        name: file["summary"]["percent_statements_covered"]
        for name, file in report["files"].items()
    }
    short = []
    for source in sorted(Path(INTEGRATION).rglob("*.py")):
        name = source.as_posix()
        wanted = 100 if name.startswith(COMPLETE) else EVERYWHERE
        # A module that no test imports is not in the report, unless it is empty.
        share = measured.get(name, 0 if source.stat().st_size else 100)
        if share < wanted:
            short.append(
                f"{name}: {share:.1f} % of its lines tested, {wanted} % wanted"
            )
    print(*short, sep="\n", end="\n" if short else "")
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
