"""Every test runs as on a machine that knows nothing of the developer's.

Before the first test, variables that steer voicecli, the SDK, TLS, proxies, sound or the terminal
are removed from the environment; what a test needs of them it sets itself. Each test gets a HOME
of its own, empty, and runs in it: there is no configuration, no `.env` and no `voicecli.toml`.
So a path into the repository has to start from `__file__`.

Hypothesis has no deadline here, since a busy machine is not a fault of the code.

With VOICECLI_TEST_REQUIRE_ALL=1, as in CI, a skipped test fails: what it needs should have been
installed. Skips whose reason starts with "only on", such as "only on Windows", stay skips.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

REQUIRE_ALL = "VOICECLI_TEST_REQUIRE_ALL"
OTHER_SYSTEM = "Skipped: only on"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

FOREIGN_PREFIXES = ("ALSA_", "GEMINI_", "GOOGLE_", "PULSE_", "SSL_CERT_", "VOICECLI_", "XDG_")
FOREIGN_NAMES = {"COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR"}


def is_foreign(name: str) -> bool:
    """Whether the variable `name` could carry the developer's machine into a test."""
    if name.startswith("VOICECLI_TEST_"):
        return False
    upper = name.upper()
    return upper.startswith(FOREIGN_PREFIXES) or upper in FOREIGN_NAMES or upper.endswith("_PROXY")


def pytest_configure() -> None:
    hypothesis.settings.register_profile(
        "voicecli", parent=hypothesis.settings.default, deadline=None
    )
    hypothesis.settings.load_profile("voicecli")


@pytest.fixture(autouse=True, scope="session")
def bare_environment() -> Iterator[None]:
    """Remove every foreign variable for the whole run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(is_foreign, list(os.environ)):
            patch.delenv(name)
        patch.setenv("TERM", "xterm-256color")
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own HOME and working directory, empty."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.chdir(folder)
    return folder


def fail_if_skipped(report: Report) -> Report:
    """Turn a skip into a failure where every test is required to run."""
    if os.environ.get(REQUIRE_ALL) != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    if not reason.startswith(OTHER_SYSTEM):
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_ALL} is set, but: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return fail_if_skipped((yield))
