"""A browser opens what it should, knows no secret, and never takes over the terminal."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from voicecli.tools.built_in.browser import open_url_tool
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import Risk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")

URL = "https://example.com/a?b=c&d=$HOME;e"


def opened(url: str, environ: dict[str, str]) -> Outcome:
    return asyncio.run(run(open_url_tool(environ), {"url": url}, lambda result: None))


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A desktop whose browser writes down what it was asked to open, and what it knows."""
    (home / "bin").mkdir()
    browser = home / "bin" / "browser"
    browser.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" > "$HOME/opened"\nenv > "$HOME/environment"\n'
        '(: < /dev/tty) 2>/dev/null && touch "$HOME/terminal"\nexit 0\n'
    )
    browser.chmod(0o755)
    return {
        "BROWSER": str(browser),
        "HOME": str(home),
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "TERM": "xterm",
        "GEMINI_API_KEY": "secret",
    }


def test_the_address_reaches_the_browser_as_it_is(home: Path, environ: dict[str, str]) -> None:
    assert opened(URL, environ).response == {"result": "opened"}
    assert (home / "opened").read_text() == f"{URL}\n"


def test_the_browser_has_no_terminal_and_knows_no_secret(
    home: Path, environ: dict[str, str]
) -> None:
    opened(URL, environ)
    known = (home / "environment").read_text()
    assert "GEMINI_API_KEY" not in known
    assert "TERM=" not in known
    assert not (home / "terminal").exists()


def test_a_browser_for_terminals_is_not_started(home: Path, environ: dict[str, str]) -> None:
    for name in ("lynx", "w3m", "links", "elinks", "www-browser"):
        (home / "bin" / name).symlink_to(home / "bin" / "browser")
    lacking = {**environ, "PATH": str(home / "bin"), "BROWSER": ""}
    assert "no browser opened" in (opened(URL, lacking).error or "")
    assert not (home / "opened").exists()


def test_a_browser_that_fails_is_an_error(environ: dict[str, str]) -> None:
    outcome = opened(URL, {**environ, "BROWSER": "/bin/false", "PATH": ""})
    assert "no browser opened" in (outcome.error or "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "--help", "https://a@b.example/", "x"])
def test_what_is_no_address_of_the_web_goes_back_to_the_model(
    home: Path, environ: dict[str, str], url: str
) -> None:
    assert "the address" in (opened(url, environ).error or "")
    assert not (home / "opened").exists()


def test_a_file_of_the_current_folder_is_not_run(home: Path, environ: dict[str, str]) -> None:
    (home / "webbrowser.py").write_text("raise SystemExit(3)")
    assert opened(URL, environ).error is None


def test_it_asks(environ: dict[str, str]) -> None:
    assert open_url_tool(environ).risk is Risk.ASK
