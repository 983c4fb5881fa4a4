"""Prove that the tests can fail: apply each mutation of a table, and run its tests.

Every mutation is applied in a copy of the working tree, never in the tree itself.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "tests" / "mutations.toml"

# None of it is part of the product or of its tests, and some of it is large.
_NOT_COPIED: Final = (
    *(".git", ".venv*", ".develop", ".*_cache", ".hypothesis", "node_modules"),
)

_RUFF: Final = (sys.executable, "-m", "ruff", "check", "--quiet", "--no-cache")
_PYTEST: Final = (
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-rfE",
    "--tb=no",
    "--no-header",
)
# A mutation may make a test wait forever: the test, and then all of them, are stopped.
TEST_SECONDS: Final = 60
RUN_SECONDS: Final = 600

_FAILED: Final = re.compile(
    r"^(?:FAILED|ERROR|SUBFAILED.*?) (\S+\.py::.+?)(?: - |$)", re.MULTILINE
)


class Outcome(StrEnum):
    """What became of a mutation."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    # The table names code that is not there, or there twice, or that cannot run.
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One defect of the product.

    `old` occurs once in `file` and becomes `new`. `breaks` describes what the product
    does wrong then, and `tests` are the arguments of pytest that catch it.
    `caught_before` is False where no test caught it when the table was made.
    """

    id: str
    area: str
    file: str
    old: str
    new: str
    breaks: str
    tests: list[str]
    caught_before: bool = True

    @property
    def misfit(self) -> str | None:
        """Return why the mutation does not fit the code, None where it does."""
        if not (path := ROOT / self.file).is_file():
            return f"{self.file} does not exist"
        if (found := path.read_text(encoding="utf-8").count(self.old)) != 1:
            return f"the old code occurs {found} times in {self.file}"
        missing = [test for test in self.tests if not _test_path(test).exists()]
        return f"{', '.join(missing)} does not exist" if missing else None


def _test_path(test: str) -> Path:
    return ROOT / test.partition("::")[0]


def read_table(ids: Sequence[str]) -> list[Mutation]:
    """Return the mutations of the table, or only those with the ids."""
    records = tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutation"]
    mutations = {mutation.id: mutation for mutation in (Mutation(**r) for r in records)}
    if len(mutations) < len(records):
        sys.exit("mutations: two have the same id")
    if unknown := set(ids) - mutations.keys():
        sys.exit(f"mutations: no such id: {', '.join(sorted(unknown))}")
    return [mutation for key, mutation in mutations.items() if not ids or key in ids]


def copy_tree(folder: str) -> Path:
    """Return a copy of the working tree in a folder."""
    return shutil.copytree(
        ROOT, Path(folder) / "tree", ignore=shutil.ignore_patterns(*_NOT_COPIED)
    )


def run_pytest(tree: Path, arguments: Sequence[str]) -> tuple[int | None, str]:
    """Run pytest in a tree; return its exit code, None after a timeout, and its output."""
    with subprocess.Popen(
        [*_PYTEST, "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}", *arguments],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that it ends together with what it started
    ) as process:
        try:
            output, _ = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None, ""
        return process.returncode, output


def judge(code: int | None, output: str) -> tuple[Outcome, str]:
    """Return what a run of pytest says about a mutation, and which test says so."""
    if code is None or "+ Timeout +" in output:
        return Outcome.CAUGHT, "a test that did not end"
    if code == 0:
        return Outcome.SURVIVED, ""
    # A file that cannot be imported is an error too, but not one of a test.
    if failed := _FAILED.search(output):
        return Outcome.CAUGHT, failed[1]
    return Outcome.BROKEN, (output.strip().splitlines() or ["no output"])[-1]


def apply(mutation: Mutation, tree: Path) -> str | None:
    """Apply a mutation in a tree; return why the result cannot run, if so."""
    path = tree / mutation.file
    text = path.read_text(encoding="utf-8").replace(mutation.old, mutation.new)
    path.write_text(text, encoding="utf-8")
    # Syntax errors and undefined names would be caught by any test whatsoever.
    lint = subprocess.run(
        [*_RUFF, "--select=E9,F821", "--output-format=concise", path],
        capture_output=True,
        text=True,
        check=False,
    )
    return lint.stdout.strip().splitlines()[0] if lint.returncode else None


def attempt(mutation: Mutation) -> tuple[Outcome, str]:
    """Apply a mutation in a copy and run its tests; return what became of it."""
    if misfit := mutation.misfit:
        return Outcome.BROKEN, misfit
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = copy_tree(folder)
        if problem := apply(mutation, tree):
            return Outcome.BROKEN, problem
        return judge(*run_pytest(tree, ["-x", *mutation.tests]))


def check_tests(mutations: Sequence[Mutation], jobs: int) -> None:
    """Exit where the tests fail without any mutation: they would prove nothing."""
    files = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        code, output = run_pytest(copy_tree(folder), ["-n", str(jobs), *files])
    if code != 0:
        sys.exit(f"{output}\nmutations: the tests fail without a mutation")


def main() -> int:
    """Report on each mutation; return whether one was not caught."""
    parser = argparse.ArgumentParser(prog="scripts/mutations", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these mutations")
    parser.add_argument("--jobs", type=int, default=os.process_cpu_count() or 1)
    parser.add_argument(
        "--check", action="store_true", help="only check that the table fits the code"
    )
    parser.add_argument(
        "--trust", action="store_true", help="do not run the tests unmutated first"
    )
    options = parser.parse_args()
    mutations = read_table(options.ids)

    if options.check:
        misfits = {m.id: misfit for m in mutations if (misfit := m.misfit)}
        for key, misfit in misfits.items():
            print(f"{key}: {misfit}")
        return bool(misfits)

    fitting = [mutation for mutation in mutations if not mutation.misfit]
    if fitting and not options.trust:
        check_tests(fitting, options.jobs)

    def timed(mutation: Mutation) -> tuple[Mutation, Outcome, str, float]:
        started = time.monotonic()
        outcome, reason = attempt(mutation)
        return mutation, outcome, reason, time.monotonic() - started

    counts = dict.fromkeys(Outcome, 0)
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutation, outcome, reason, seconds in pool.map(timed, mutations):
            counts[outcome] += 1
            print(
                f"{outcome:8} {mutation.id:42} {seconds:4.0f} s  {reason}", flush=True
            )
            if outcome is not Outcome.CAUGHT:
                print(f"{'':9}{mutation.breaks}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return counts[Outcome.CAUGHT] < len(mutations)


if __name__ == "__main__":
    sys.exit(main())
