"""The client is a package of its own."""

from pathlib import Path
import subprocess
import sys

from custom_components.tuya_lock_users import api


def test_without_home_assistant() -> None:
    program = Path(__file__).with_name("standalone.py")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_public_names() -> None:
    """The public names of the client are unique, and it is typed."""
    assert len(api.__all__) == len(set(api.__all__))
    assert Path(api.__file__).with_name("py.typed").exists()
