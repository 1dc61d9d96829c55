"""The commands that a newcomer types first: what `make` offers, and that it sets up only once.

The real Makefile runs here with a setup that only notes that it was called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems"),
    pytest.mark.skipif(not shutil.which("make"), reason="make is not installed"),
]

FAKE_SETUP = """\
echo "setup $*"
mkdir -p .venv/bin
for name in python voicecli; do
    printf '#!/bin/sh\\necho "%s $*"\\n' "$name" >".venv/bin/$name"
    chmod +x ".venv/bin/$name"
done
"""

DEMO = "voicecli demo"
TEST = "python -m pytest --numprocesses=auto --dist=worksteal"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the project's Makefile and stand-ins for all that it reads and starts."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/setup.sh").write_text(FAKE_SETUP)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()
    return tmp_path


def make(checkout: Path, *arguments: str) -> list[str]:
    """What `make` printed, by line."""
    # The tests themselves are run by make, which hands its own arguments down.
    handed_down = {"ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"}
    environment = {name: os.environ[name] for name in os.environ.keys() - handed_down}
    done = subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.rstrip() for line in done.stdout.splitlines()]


def touch_after(path: Path, stamp: Path) -> None:
    """Make `path` newer than `stamp`, whatever the clock and the file system resolve."""
    later = stamp.stat().st_mtime + 10
    os.utime(path, (later, later))


def test_make_alone_lists_every_command(checkout: Path) -> None:
    listed = {line.split()[1] for line in make(checkout) if line.startswith("make ")}

    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert listed == set(phony[1].split())
    assert not (checkout / ".venv").exists()


def test_the_first_demo_sets_up_and_the_second_does_not(checkout: Path) -> None:
    assert make(checkout, "demo") == ["setup", DEMO]
    assert make(checkout, "demo") == [DEMO]


def test_the_first_test_run_sets_up_for_the_demo_too(checkout: Path) -> None:
    assert make(checkout, "test") == ["setup dev", TEST]
    assert make(checkout, "demo", "test") == [DEMO, TEST]


def test_the_tests_add_what_they_need_to_a_demo(checkout: Path) -> None:
    make(checkout, "demo")

    assert make(checkout, "test") == ["setup dev", TEST]


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.lock", "scripts/setup.sh"])
def test_a_change_of_what_is_wanted_sets_up_again(checkout: Path, changed: str) -> None:
    make(checkout, "demo")
    touch_after(checkout / changed, checkout / ".venv/.ready")

    assert make(checkout, "demo") == ["setup", DEMO]


def test_a_setup_that_failed_is_tried_again(checkout: Path) -> None:
    setup = checkout / "scripts/setup.sh"
    setup.write_text(FAKE_SETUP + "exit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        make(checkout, "demo")
    setup.write_text(FAKE_SETUP)

    assert make(checkout, "demo") == ["setup", DEMO]


def test_arguments_reach_the_command(checkout: Path) -> None:
    make(checkout, "demo")

    assert make(checkout, "talk", "ARGS=--local --text 'good day'") == [
        "voicecli talk --local --text good day"
    ]


def test_the_benchmark_needs_no_more_than_the_demo(checkout: Path) -> None:
    assert make(checkout, "bench", "ARGS=--short") == ["setup", "python -m bench --short"]


def test_clean_leaves_nothing_that_setup_made(checkout: Path) -> None:
    (checkout / "voicecli/__pycache__").mkdir(parents=True)
    (checkout / "tests").mkdir()
    before = {path for path in checkout.rglob("*") if path.name != "__pycache__"}
    make(checkout, "demo")

    make(checkout, "clean")

    assert set(checkout.rglob("*")) == before
