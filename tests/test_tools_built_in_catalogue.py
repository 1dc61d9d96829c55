"""What comes with voicecli is off unless it is named, and is what its documentation says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from voicecli.errors import UsageError
from voicecli.tools.built_in import (
    allowed_files,
    arithmetic,
    clipboard,
    commands,
    notes,
    read_file,
    shell,
    timers,
    web_fetch,
    web_page,
)
from voicecli.tools.built_in.catalogue import GROUPS, NAMES, BuiltInOptions, built_in
from voicecli.tools.tool import Risk, Tool

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "built-in-tools.md"
# They cost time, and hardly any conversation needs all of them.
ONLY_WHEN_CALLED = ("httpx2", "webbrowser", "pydantic", "numpy", "google.genai")


@pytest.fixture
def options(home: Path) -> BuiltInOptions:
    return BuiltInOptions(home / "notes.md", (home,), (), {})


def rows() -> list[list[str]]:
    """The cells of the document's table."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| `")
    ]


def asks(tool: Tool) -> str:
    return "always" if tool.always_asks else {Risk.SAFE: "no", Risk.ASK: "yes"}[tool.risk]


def test_nothing_is_there_unless_it_is_named(options: BuiltInOptions) -> None:
    assert built_in(options, ()) == {}
    assert list(built_in(options, ["calculator"])) == ["calculator"]


def test_all_are_there_where_all_are_named(options: BuiltInOptions) -> None:
    assert tuple(built_in(options, NAMES)) == NAMES


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_stands_for_its_functions(options: BuiltInOptions, group: str) -> None:
    assert tuple(built_in(options, [group])) == GROUPS[group]


def test_one_of_a_group_can_be_named_by_itself(options: BuiltInOptions) -> None:
    assert list(built_in(options, ["note_search"])) == ["note_search"]


def test_each_says_that_it_is_built_in_and_what_it_does(options: BuiltInOptions) -> None:
    for name, tool in built_in(options, NAMES).items():
        assert (tool.name, tool.origin) == (name, "built in")
        assert tool.description.rstrip().endswith(".")


def test_a_name_that_is_not_known_is_refused_with_those_that_are(options: BuiltInOptions) -> None:
    with pytest.raises(UsageError, match=r"'notse'.*current_time.*notes"):
        built_in(options, ["notse"])


def test_read_file_without_folders_says_which_setting_to_add(home: Path) -> None:
    options = BuiltInOptions(home / "notes.md", (), (), {})
    with pytest.raises(UsageError, match="no folder is allowed") as caught:
        built_in(options, ["read_file"])
    assert "read_folders = [" in caught.value.hint
    assert "calculator" in built_in(options, ["calculator"])


def test_two_conversations_have_timers_of_their_own(options: BuiltInOptions) -> None:
    first, second = (built_in(options, ["timer"])["timer"] for _ in range(2))
    assert first.call is not second.call


def test_importing_it_imports_nothing_that_is_needed_only_when_it_is_called() -> None:
    script = (
        "import sys, voicecli.tools.built_in.catalogue;"
        f"print([name for name in {ONLY_WHEN_CALLED} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_offering_web_fetch_does_not_import_its_library_yet(home: Path) -> None:
    script = (
        "import pathlib, sys; from voicecli.tools.built_in.catalogue import *;"
        "built_in(BuiltInOptions(pathlib.Path('n'), (), (), {}), ['web_fetch', 'open_url']);"
        "print('httpx2' in sys.modules, 'webbrowser' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False False\n"


def test_the_document_lists_them_all_as_they_are(options: BuiltInOptions) -> None:
    group_of = {member: f"`{group}`" for group, members in GROUPS.items() for member in members}
    expected = [
        [f"`{name}`", group_of.get(name, ""), asks(tool)]
        for name, tool in built_in(options, NAMES).items()
    ]
    assert [[name, group, asked] for name, group, _, asked, _ in rows()] == expected


def test_the_limits_in_the_document_are_those_of_the_code() -> None:
    limits = {
        "timer": (timers.MAX_HOURS, timers.MAX_TIMERS),
        "calculator": (arithmetic.MAX_CHARACTERS,),
        "note_add": (notes.MAX_NOTE_CHARACTERS,),
        "note_search": (notes.MAX_FOUND, notes.MAX_SEARCHED_BYTES // 1_000_000),
        "clipboard_read": (commands.KEPT_BYTES, int(clipboard.TIMEOUT_S)),
        "clipboard_write": (clipboard.MAX_CHARACTERS, int(clipboard.TIMEOUT_S)),
        "shell": (int(shell.TIMEOUT_S), commands.MAX_OUTPUT_BYTES // 1_000_000),
        "read_file": (
            allowed_files.MAX_FILE_BYTES // 1_000_000,
            read_file.MAX_TEXT_CHARACTERS,
            allowed_files.MAX_LISTED,
        ),
        "web_fetch": (
            web_page.MAX_PAGE_BYTES // 1_000_000,
            web_fetch.MAX_TEXT_CHARACTERS,
            web_page.MAX_REDIRECTS,
        ),
    }
    told = {cells[0].strip("`"): cells[4] for cells in rows()}
    missing = [
        (name, number)
        for name, numbers in limits.items()
        for number in numbers
        if not re.search(rf"(?<![\d,]){number:,}(?![\d,]\d)", told[name])
    ]
    assert missing == []
