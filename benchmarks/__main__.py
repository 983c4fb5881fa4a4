"""Run the benchmarks: `python -m benchmarks`.

`--write` updates the table in README.md; module names select what to measure.
"""

import argparse
from importlib import import_module
from pathlib import Path
import subprocess
import sys
from typing import Final

from .table import HEAD

MODULES: Final = ("calls", "speed", "stream", "imports", "memory")
README: Final = Path(__file__).parent / "README.md"
BEGIN: Final = "<!-- table -->\n"
END: Final = "<!-- end of table -->\n"


def main() -> int:
    """Run each module in a separate process, so that none affects another."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module", help=", ".join(MODULES))
    parser.add_argument("--write", action="store_true", help="write README.md")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        return measure(arguments.modules)

    lines = []
    print(HEAD, flush=True)
    for module in arguments.modules or MODULES:
        command = (sys.executable, "-m", "benchmarks", "--here", module)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(line)
        if process.returncode > 1:
            return process.returncode
    if arguments.write:
        write("".join(lines))
    # A figure that misses its limit is bold.
    return int(any("**" in line for line in lines))


def measure(modules: list[str]) -> int:
    """Print the rows of modules."""
    for module in modules:
        for row in import_module(f"{__package__}.{module}").rows():
            print(row, flush=True)
    return 0


def write(table: str) -> None:
    """Replace the table in README.md."""
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{BEGIN}{HEAD}\n{table}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
