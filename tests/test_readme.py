"""The README is what a new user believes: what it names exists, and its tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from voicecli.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

CODE = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
COMMAND_LINES = re.findall(r"^(?:.*\| )?(voicecli [^\n|]*)", CODE, re.MULTILINE)


def options_of(command: str) -> set[str]:
    """The long options of a command, without --help."""
    group = typer.main.get_command(app)
    params = group.commands[command].params  # type: ignore[attr-defined]
    names = {name for param in params for name in param.opts if name.startswith("--")}
    return names - {"--help"}


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_two_commands_come_first() -> None:
    first = README.split("```sh\n")[1].split("```")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]


def test_the_table_of_talk_names_every_option_and_no_other() -> None:
    table = "\n".join(line for line in section("Talk").splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"--[a-z-]+", table)) == options_of("talk")


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_every_command_line_names_a_command_and_options_that_exist(line: str) -> None:
    words = line.split("#")[0].split()
    assert words[1] in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    if words[1] not in ("config", "sessions", "tools", "mcp"):
        assert {word for word in words if word.startswith("--")} <= options_of(words[1])


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_that_is_linked_exists() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
