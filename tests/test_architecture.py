"""Keeps docs/architecture.md true: which room may import what, and how large things may be.

The rules are read from the document's table and the imports from the source, also those inside
functions, so neither can drift away from the other unnoticed.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "voicecli"
DOCUMENT = ROOT / "docs" / "architecture.md"

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 40
# asyncio takes longer to import than all of `cli` that a help text needs.
HEAVY_MODULES = ("pyaudio", "numpy", "google.genai", "asyncio")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table: what the modules of one room may and must not import."""

    rooms: tuple[str, ...]
    allowed: tuple[str, ...] | None  # of voicecli; None: all of it
    barred: tuple[str, ...]


def read_rules(document: str) -> dict[str, Rule]:
    """The rows of the document's table by room."""
    rules: dict[str, Rule] = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 4 or not cells[0].startswith("`"):
            continue
        rooms, _, allowed, barred = (tuple(re.findall(r"`([\w.]+)`", cell)) for cell in cells)
        rule = Rule(rooms, None if cells[2] == "every room" else allowed, barred)
        rules.update(dict.fromkeys(rooms, rule))
    return rules


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def dotted(path: Path) -> str:
    """The name of a module below voicecli: `audio.pcm`, `settings`; "" for voicecli itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is imported anywhere in `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A dot more for each level, so that a relative import is seen and refused.
            origin = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def offence(room: str, rule: Rule, name: str) -> str | None:
    """What is wrong with importing `name` in `room`, if anything."""
    if name.startswith("."):
        return "is relative; write it out"
    if any(is_within(name, module) for module in rule.barred):
        return "is barred from this room"
    if not is_within(name, "voicecli") or name in {"voicecli.__version__", "voicecli"}:
        return None
    if is_within(name, "voicecli.cli") and room != "cli":
        return "is of cli, which nothing imports"
    welcome = (room, *(rule.allowed or ()))
    inside = any(is_within(name, f"voicecli.{module}") for module in welcome)
    return None if rule.allowed is None or inside else "is of a room that this one may not use"


def offences(module: str, source: str, rules: dict[str, Rule]) -> list[str]:
    """Every import of `module` that the table does not allow."""
    room = module.split(".")[0]
    return [
        f"voicecli.{module}, line {line}: {name} {wrong}"
        for line, name in imports(ast.parse(source))
        if (wrong := offence(room, rules[room], name))
    ]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, *, of_cli: bool) -> int:
    """Lines from `def` to the end, without the docstring, and in cli without the parameters."""
    first, last = function.body[0], function.body[-1]
    lines = (last.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    if of_cli:
        lines -= first.lineno - function.lineno - 1
    return lines


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    return read_rules(DOCUMENT.read_text(encoding="utf-8"))


def test_the_table_has_a_row_for_every_room(rules: dict[str, Rule]) -> None:
    rooms = {dotted(path).split(".")[0] for path in modules()} - {"", "__main__"}

    assert set(rules) == rooms


def test_the_table_names_only_modules_that_exist(rules: dict[str, Rule]) -> None:
    names = {dotted(path) for path in modules()}

    for rule in rules.values():
        assert set(rule.rooms) | set(rule.allowed or ()) <= names


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_a_module_imports_only_what_its_room_may(path: Path, rules: dict[str, Rule]) -> None:
    module = dotted(path)
    if module in {"", "__main__"}:  # the version, and the door to cli
        return

    assert offences(module, path.read_text(encoding="utf-8"), rules) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("audio.speaker", "import google.genai.types"),
        ("audio.speaker", "from google import genai"),
        ("audio.speaker", "def play():\n    from rich.console import Console"),
        ("audio.speaker", "from voicecli.live.events import Usage"),
        ("talk.turns", "import pyaudio"),
        ("ui.plain", "from voicecli.talk import conversation"),
        ("transcribe.source", "if True:\n    import rich"),
        ("local.server", "from voicecli.live import models"),
        ("local.server", "from voicecli.audio import levels"),
        ("settings.files", "import voicecli.audio.pcm"),
        ("live.session", "from voicecli.cli.app import main"),
        ("live.session", "from . import events"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str, rules: dict[str, Rule]) -> None:
    assert len(offences(module, source, rules)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("cli.talk", "from voicecli.ui.plain import PlainView\nimport rich"),
        ("audio.speaker", "import pyaudio\nfrom voicecli.audio.pcm import Pcm"),
        ("audio.speaker", "from voicecli import errors\nfrom voicecli import __version__"),
        ("ui.plain", "from voicecli.talk import events\nfrom rich.text import Text"),
        ("local.server", "from voicecli.audio import pcm\nimport websockets"),
        ("transcribe.source", "import richer"),
    ],
)
def test_an_allowed_import_is_let_through(module: str, source: str, rules: dict[str, Rule]) -> None:
    assert offences(module, source, rules) == []


def test_the_package_holds_only_code_and_the_data_that_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["voicecli"]
    installed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    files = {path for path in PACKAGE.rglob("*") if path.is_file()}

    assert {path for path in files - installed if path.suffix not in {".py", ".pyc"}} == set()


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_a_module_is_small_enough_to_hold_in_the_head(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_every_function_of_a_module_is_small(path: Path) -> None:
    of_cli = dotted(path).startswith("cli.")
    sizes = {
        f"{node.name}, line {node.lineno}": code_lines(node, of_cli=of_cli)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: size for name, size in sizes.items() if size > MAX_FUNCTION_LINES} == {}


def test_a_functions_docstring_and_a_commands_parameters_do_not_count() -> None:
    source = 'def f(\n    a,\n    b,\n):\n    """One.\n\n    Two."""\n    g()\n    h()\n'
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)

    assert code_lines(function, of_cli=False) == 6
    assert code_lines(function, of_cli=True) == 3


@pytest.mark.parametrize("arguments", [["--help"], ["talk", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Seen from outside, with the interpreter's own list of what it imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "voicecli", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    assert "voicecli.cli.app" in imported
    heavy = [name for name in imported for module in HEAVY_MODULES if is_within(name, module)]
    assert heavy == []
