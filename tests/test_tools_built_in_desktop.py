"""A program of the desktop finds its screen, and no terminal and no secret."""

from __future__ import annotations

from voicecli.tools.built_in.desktop import desktop_environment


def test_it_finds_the_screen() -> None:
    environ = {"DISPLAY": ":0", "XAUTHORITY": "/run/x", "PATH": "/bin", "XDG_RUNTIME_DIR": "/run"}
    assert desktop_environment(environ) == environ


def test_it_finds_no_terminal_and_no_secret() -> None:
    assert desktop_environment({"TERM": "xterm", "GEMINI_API_KEY": "secret"}) == {}
