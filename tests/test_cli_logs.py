"""What goes wrong inside is kept for the user's eyes only, and never disturbs the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOG = """
import logging, warnings
from voicecli.cli.logs import log_to_file
from voicecli.paths import log_file
log_to_file()
logging.getLogger("library").warning("odd")
logging.getLogger("library").info("chatter")
warnings.warn("experimental")
print(log_file())
"""


def run() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOG], capture_output=True, text=True, timeout=60, check=True
    )


def test_warnings_go_to_a_private_file_and_nothing_to_the_terminal() -> None:
    done = run()
    path = Path(done.stdout.strip())
    text = path.read_text(encoding="utf-8")
    assert done.stderr == ""
    assert "odd" in text
    assert "experimental" in text
    assert "chatter" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes of files")
def test_only_the_owner_may_read_the_log() -> None:
    path = Path(run().stdout.strip())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_written_ends_nothing(home: Path) -> None:
    path = Path(run().stdout.strip())
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("in the way")
    done = run()
    assert done.stderr == ""
