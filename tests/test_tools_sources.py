"""Functions from files and packages: all of them, in order, or an error that says where."""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicecli.errors import ExitCode, UsageError
from voicecli.tools import tool
from voicecli.tools.sources import load_file, load_packages
from voicecli.tools.tool import Tool

ROOT = Path(__file__).parents[1]
LABEL = "~/tools.py"
HEAD = "from voicecli.tools import tool\n"


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test lets Python import is forgotten after it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, source: str, name: str = "tools.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def load(folder: Path, source: str) -> tuple[Tool, ...]:
    return load_file(write(folder, source), LABEL)


def refused(folder: Path, source: str) -> UsageError:
    path = write(folder, source)
    with pytest.raises(UsageError) as caught:
        load_file(path, LABEL)
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.hint
    return caught.value


def test_all_functions_of_a_file_in_order(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
        from __future__ import annotations
        from dataclasses import dataclass
        from enum import Enum
        from pydantic import BaseModel
        from voicecli.tools import tool

        class Colour(Enum):
            RED = "red"

        @dataclass
        class Point:
            x: int

        class Lamp(BaseModel):
            colour: Colour
            at: Point

        @tool
        def second(lamp: Lamp) -> str:
            "Does."
            return first(lamp.colour)

        def helper() -> None:
            "No tool."

        @tool(risk="ask")
        def first(colour: Colour) -> str:
            "Does."
            return colour.value

        alias = first
        """,
    )
    assert [one.name for one in found] == ["second", "first"]
    assert {one.origin for one in found} == {LABEL}
    assert "Lamp" not in str(found[0].parameters)


def result_of(one: Tool, **args: object) -> object:
    async def main() -> object:
        return await anext(one.call(args))

    return asyncio.run(main())


def test_what_stands_beside_a_file_can_be_imported_also_when_called(tmp_path: Path) -> None:
    write(tmp_path, "WORD = 'now'\n", "beside_first.py")
    write(tmp_path, "WORD = 'when called'\n", "beside_later.py")
    (one,) = load(
        tmp_path,
        """
        from voicecli.tools import tool
        import beside_first

        @tool
        def words() -> list[str]:
            "Tells words."
            import beside_later
            return [beside_first.WORD, beside_later.WORD]
        """,
    )
    assert result_of(one) == ["now", "when called"]


def test_what_stands_beside_a_file_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, "raise RuntimeError('the wrong one')\n", "colorsys.py")
    sys.modules.pop("colorsys", None)
    source = HEAD + "import colorsys\n@tool\ndef f() -> None:\n    'Does.'\n"
    assert [one.name for one in load(tmp_path, source)] == ["f"]
    assert sys.path[-1] == str(tmp_path)


def test_functions_that_were_imported_are_left_to_their_own_file(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "@tool\ndef theirs() -> int:\n    'Does.'\n    return 7\n", "others.py")
    source = "from others import theirs\n@tool\ndef f() -> int:\n    'Does.'\n    return theirs()\n"
    (one,) = load(tmp_path, HEAD + source)
    assert one.name == "f"
    assert result_of(one) == 7


def test_two_files_of_one_name_are_two(tmp_path: Path) -> None:
    source = HEAD + "@tool\ndef {0}() -> str:\n    'Does.'\n    return __name__\n"
    (first,) = load(tmp_path / "one", source.format("a"))
    (second,) = load(tmp_path / "two", source.format("b"))
    assert (first.name, second.name) == ("a", "b")
    assert result_of(first) != result_of(second)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_file(tmp_path / "none.py", LABEL)
    assert caught.value.what == "the file of functions ~/tools.py cannot be found"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"~/tools\.py is not a file"):
        load_file(tmp_path, LABEL)


def test_a_file_without_functions(tmp_path: Path) -> None:
    error = refused(tmp_path, "from voicecli.tools import tool\ndef f() -> None: ...\n")
    assert error.what == "the file of functions ~/tools.py defines none"
    assert "@tool" in error.hint


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x = 1\ndef f(:\n", "line 2: SyntaxError: "),
        ("x = 1\nimport no_such_module\n", "line 2: ModuleNotFoundError: No module named"),
        ("def f():\n    1 / 0\n\nf()\n", "line 2: ZeroDivisionError: division by zero"),
        ("raise SystemExit\n", "line 1: SystemExit"),
        ("import sys\nsys.exit('bye')\n", "line 2: SystemExit: bye"),
        ("import json\n\njson.loads('{')\n", "line 3: JSONDecodeError: "),
        ("x = '\x00'\n", "SyntaxError: "),
        (HEAD + "@tool(timeout=3)\ndef f() -> None:\n    'Does.'\n", "line 2: TypeError: "),
    ],
)
def test_a_file_that_cannot_be_run_is_told_with_its_line(
    tmp_path: Path, source: str, why: str
) -> None:
    error = refused(tmp_path, source)
    assert error.what == "the file of functions ~/tools.py cannot be run"
    assert why in error.why
    assert not [name for name in sys.modules if name.startswith("voicecli_file_")]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "tools.py"
    path.write_bytes(b"x = '\xff'\n")
    with pytest.raises(UsageError, match="cannot be run: line 1: SyntaxError: "):
        load_file(path, LABEL)


def test_an_error_in_what_stands_beside_it_has_the_line_of_the_import(tmp_path: Path) -> None:
    write(tmp_path, "\n\n\n1 / 0\n", "beside_broken.py")
    error = refused(tmp_path, "\nimport beside_broken\n")
    assert error.why == "line 2: ZeroDivisionError: division by zero"


def test_a_function_that_cannot_be_declared_is_told_with_its_place(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "@tool\ndef f(city) -> None:\n    'Does.'\n")
    assert error.what.startswith(f"the function f, {tmp_path / 'tools.py'}, line 3,")
    assert error.why == "its parameter city has no type"


def test_two_functions_of_one_name_in_a_file(tmp_path: Path) -> None:
    function = "@tool(name='same')\ndef {0}() -> None:\n    'Does.'\n"
    with pytest.raises(UsageError) as caught:
        load(tmp_path, HEAD + function.format("a") + function.format("b"))
    error = caught.value
    assert error.what == "two functions are called same"
    assert LABEL in error.why


def test_what_a_file_prints_is_not_on_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(tmp_path, HEAD + "print('hello')\n@tool\ndef f() -> None:\n    'Does.'\n")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")


def install(folder: Path, name: str, source: str, *points: str) -> None:
    """A package as pip leaves it: a module `name`, and the entry points that it announces."""
    write(folder, source, f"{name}.py")
    write(
        folder, f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", f"{name}-1.dist-info/METADATA"
    )
    lines = "\n".join(("[voicecli.tools]", *points))
    write(folder, lines + "\n", f"{name}-1.dist-info/entry_points.txt")


TWO = (
    HEAD
    + "@tool\ndef {0}_one() -> None:\n    'Does.'\n@tool\ndef {0}_two() -> None:\n    'Does.'\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder where packages are installed."""
    sys.path.append(str(tmp_path))
    return tmp_path


def test_without_packages_there_is_nothing() -> None:
    packages = load_packages()
    assert (packages.tools, packages.warnings) == ((), ())


def test_a_package_announces_a_module_a_function_or_a_list(site: Path) -> None:
    install(site, "lamps", TWO.format("lamp"), "a = lamps")
    install(site, "doors", TWO.format("door"), "b = doors:door_two")
    both = "ALL = [window_two, window_one]\n"
    install(site, "windows", TWO.format("window") + both, "c = windows:ALL")

    packages = load_packages()

    assert packages.warnings == ()
    assert [(one.name, one.origin) for one in packages.tools] == [
        ("lamp_one", "package lamps"),
        ("lamp_two", "package lamps"),
        ("door_two", "package doors"),
        ("window_two", "package windows"),
        ("window_one", "package windows"),
    ]


def test_a_package_may_gather_its_own_functions_and_not_those_of_others(site: Path) -> None:
    imports = "from voicecli.tools.built_in.clock import current_time\n"
    install(site, "house", imports + "from house_parts import *\n", "a = house")
    write(site, TWO.format("part"), "house_parts.py")
    (warning,) = load_packages().warnings
    assert warning.endswith("TypeError: house has no @tool function")


@pytest.mark.parametrize(
    ("source", "point", "why"),
    [
        ("1 / 0\n", "a = broken", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(2)\n", "a = broken", "SystemExit: 2"),
        ("", "a = broken", "TypeError: broken has no @tool function"),
        ("", "a = broken:nothing", "AttributeError: module 'broken' has no attribute 'nothing'"),
        ("", "a = missing", "ModuleNotFoundError: No module named 'missing'"),
        ("def f(): ...\n", "a = broken:f", "TypeError: broken:f holds a function, not an @tool"),
        ("L = [3]\n", "a = broken:L", "TypeError: broken:L holds a int, not an @tool function"),
        (HEAD + "@tool\ndef f(x): 'Does.'\n", "a = broken", "its parameter x has no type"),
    ],
)
def test_a_broken_package_is_left_out_with_a_warning(
    site: Path, source: str, point: str, why: str
) -> None:
    install(site, "broken", source, point)
    install(site, "lamps", TWO.format("lamp"), "z = lamps")

    packages = load_packages()

    assert [one.name for one in packages.tools] == ["lamp_one", "lamp_two"]
    (warning,) = packages.warnings
    assert warning.startswith("the functions of the package broken are left out: ")
    assert why in warning


EXAMPLES = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "tools.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_documentation_is_a_file_of_functions(
    tmp_path: Path, example: str
) -> None:
    (one,) = load(tmp_path, example)
    properties = one.parameters["properties"]
    assert isinstance(properties, dict)
    assert all("description" in part for part in properties.values())
    assert "Args" not in one.description


def test_the_documentation_names_every_option_of_tool() -> None:
    text = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
    table = text.split("| option |")[1].split("\n\n")[0]
    options = [name for name in inspect.signature(tool).parameters if name != "function"]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == options
