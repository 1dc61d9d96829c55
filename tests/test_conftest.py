"""The surroundings that conftest.py gives to every test, and that CI lets nothing be skipped.

A suite that quietly reads the developer's configuration, or quietly skips what it should have
shown, says nothing when it passes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = """
import sys
import pytest

def test_runs():
    pass

def test_skips():
    pytest.skip("no such tool")

@pytest.mark.skipif(True, reason="only on Windows")
def test_of_another_system():
    pass

@pytest.mark.xfail
def test_known_to_fail():
    assert False
"""

SKIPPING_MODULE = """
import pytest
pytest.importorskip("no_such_module")
"""

LOOKING_AROUND = """
import os
from pathlib import Path

def test_environment(tmp_path):
    assert "GEMINI_API_KEY" not in os.environ
    assert "VOICECLI_MODEL" not in os.environ
    assert "https_proxy" not in os.environ
    assert "XDG_CONFIG_HOME" not in os.environ
    assert os.environ["PATH"]
    assert Path.home() == Path.cwd() != tmp_path
    assert list(Path.home().iterdir()) == []
    Path("left-behind").touch()

test_environment_again = test_environment
"""


def run_suite(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest over `source` beside a copy of the project's conftest."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_it.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", str(folder)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def summary(done: subprocess.CompletedProcess[str]) -> str:
    """Pytest's last line, without its decoration and time."""
    return done.stdout.splitlines()[-1].strip("= ").partition(" in ")[0]


def test_a_test_sees_nothing_of_the_developers_machine(tmp_path: Path) -> None:
    foreign = {
        "GEMINI_API_KEY": "none",
        "VOICECLI_MODEL": "gemini-1",
        "https_proxy": "http://localhost:1",
        "XDG_CONFIG_HOME": "/etc",
    }

    assert summary(run_suite(tmp_path, LOOKING_AROUND, **foreign)) == "2 passed"


def test_a_skip_is_a_skip_on_a_developers_machine(tmp_path: Path) -> None:
    done = run_suite(tmp_path, SKIPPING, VOICECLI_TEST_REQUIRE_ALL="0")

    assert summary(done) == "1 passed, 2 skipped, 1 xfailed"


def test_a_skip_fails_where_everything_is_required(tmp_path: Path) -> None:
    done = run_suite(tmp_path, SKIPPING, VOICECLI_TEST_REQUIRE_ALL="1")

    assert summary(done) == "1 failed, 1 passed, 1 skipped, 1 xfailed"
    assert "VOICECLI_TEST_REQUIRE_ALL is set, but: Skipped: no such tool" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def test_a_module_that_skips_itself_fails_where_everything_is_required(tmp_path: Path) -> None:
    assert (
        summary(run_suite(tmp_path, SKIPPING_MODULE, VOICECLI_TEST_REQUIRE_ALL="0")) == "1 skipped"
    )

    done = run_suite(tmp_path, SKIPPING_MODULE, VOICECLI_TEST_REQUIRE_ALL="1")

    assert summary(done) == "1 error"
    assert "no_such_module" in done.stdout
