"""A child process gets what it needs to run, and no secret unless the user names it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.child_environment import child_environment

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


def test_it_knows_who_and_where_the_user_is() -> None:
    environ = {
        "HOME": "/home/ada",
        "LANG": "de_DE.UTF-8",
        "LC_TIME": "en_GB.UTF-8",
        "PATH": "/usr/bin",
        "SHELL": "/bin/sh",
        "TZ": "Europe/Berlin",
        "USER": "ada",
    }
    assert child_environment(environ) == {**environ, "TERM": "dumb"}


def test_a_program_on_windows_finds_its_system() -> None:
    environ = {"SYSTEMROOT": "C:\\Windows", "USERPROFILE": "C:\\Users\\Ada", "TEMP": "C:\\Temp"}
    assert child_environment(environ) == {**environ, "TERM": "dumb"}


@pytest.mark.parametrize(
    "name",
    [
        *("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
        *("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "HTTPS_PROXY", "SSH_AUTH_SOCK", "LD_PRELOAD"),
        *("VOICECLI_API_KEY_COMMAND", "PATH_TO_KEY", "XLC_KEY", "home"),
    ],
)
def test_no_secret_passes(name: str) -> None:
    assert child_environment({name: "secret"}) == {"TERM": "dumb"}


def test_what_the_user_names_passes() -> None:
    environ = {"GITHUB_TOKEN": "t", "OTHER_TOKEN": "o"}
    assert child_environment(environ, ["GITHUB_TOKEN"]) == {"GITHUB_TOKEN": "t", "TERM": "dumb"}


def test_a_name_that_is_not_set_is_left_out() -> None:
    assert child_environment({}, ["GITHUB_TOKEN"]) == {"TERM": "dumb"}


def test_there_is_no_terminal_unless_the_user_says_so() -> None:
    environ = {"TERM": "xterm-256color"}
    assert child_environment(environ)["TERM"] == "dumb"
    assert child_environment(environ, ["TERM"])["TERM"] == "xterm-256color"


@given(st.dictionaries(NAMES, st.text(max_size=5)), st.sets(NAMES))
def test_nothing_is_made_up_and_nothing_named_is_lost(
    environ: dict[str, str], names: set[str]
) -> None:
    child = child_environment(environ, names)
    assert child.items() - {("TERM", "dumb")} <= environ.items()
    assert {name: environ[name] for name in names & environ.keys()}.items() <= child.items()
