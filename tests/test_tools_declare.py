"""`@tool` makes a tool of a function, which stays one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import replace
from enum import Enum
from typing import Any, Literal

import pytest

from voicecli.errors import UsageError
from voicecli.tools import tool
from voicecli.tools.declare import FunctionTool
from voicecli.tools.runner import Outcome, run
from voicecli.tools.tool import TIMEOUT_S, Risk, Scheduling, Tool


class Unit(Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


@tool
def add(a: int, b: int = 1) -> int:
    """Adds two numbers.

    Args:
        a: The first.
        b: The second.
    """
    return a + b


@tool(name="get-weather", risk="ask", background=True, scheduling="WHEN_IDLE", timeout_s=5)
async def weather(city: str, unit: Unit = Unit.CELSIUS) -> str:
    """Tells the weather."""
    return f"{city} {unit.name}"


def outcome_of(one: Tool, args: dict[str, object]) -> tuple[Outcome, list[object]]:
    partial: list[object] = []
    return asyncio.run(run(one, args, partial.append)), partial


def test_a_function_is_a_tool() -> None:
    assert isinstance(add, Tool)
    assert (add.name, add.description) == ("add", "Adds two numbers.")
    assert add.parameters == {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "The first."},
            "b": {"type": "integer", "description": "The second.", "default": 1},
        },
        "required": ["a"],
        "additionalProperties": False,
    }
    assert (add.risk, add.background, add.scheduling) == (Risk.SAFE, False, None)
    assert (add.streams, add.always_asks, add.timeout_s) == (False, False, TIMEOUT_S)
    assert add.origin == f"the module {__name__}"


def test_a_function_that_takes_nothing_says_so() -> None:
    @tool
    def now() -> str:
        """Tells the time."""
        return "12:00"

    assert now.parameters == {"type": "object", "properties": {}, "additionalProperties": False}
    assert outcome_of(now, {})[0].result == "12:00"


def test_what_stands_between_the_brackets_counts() -> None:
    assert (weather.name, weather.risk, weather.timeout_s) == ("get-weather", Risk.ASK, 5)
    assert (weather.background, weather.scheduling) == (True, Scheduling.WHEN_IDLE)
    assert isinstance(weather.risk, Risk)
    assert isinstance(weather.scheduling, Scheduling)


def test_a_tool_can_be_called_as_the_function_that_it_was() -> None:
    assert add(1, b=2) == 3
    assert asyncio.run(weather("Bonn")) == "Bonn CELSIUS"


def test_the_model_calls_it_with_what_json_can_say() -> None:
    assert outcome_of(add, {"a": 2.0})[0].result == 3
    assert outcome_of(weather, {"city": "Bonn", "unit": "F"})[0].result == "Bonn FAHRENHEIT"


def test_what_the_model_sends_wrong_goes_back_and_nothing_is_called() -> None:
    called: list[str] = []

    @tool
    def note(text: str) -> None:
        """Notes."""
        called.append(text)

    error = outcome_of(note, {"txt": "a"})[0].error
    assert error == ("text is missing; txt is unknown, did you mean text?. It takes: text (string)")
    assert called == []


def test_a_generator_streams() -> None:
    @tool
    def count(to: int) -> Generator[int, None, None]:
        """Counts."""
        yield from range(to)

    @tool
    async def count_async(to: int) -> AsyncGenerator[int, None]:
        """Counts."""
        for number in range(to):
            yield number

    for one in (count, count_async):
        assert one.streams
        assert outcome_of(one, {"to": 3}) == (Outcome(over=True), [0, 1, 2])


def test_a_tool_may_be_changed_and_still_be_called() -> None:
    changed = replace(add, always_asks=True, origin="~/tools.py")
    assert isinstance(changed, FunctionTool)
    assert changed.always_asks
    assert changed(1) == 2


def test_types_may_be_defined_where_the_file_is_not_compiled_in_the_future() -> None:
    namespace: dict[str, Any] = {"__name__": "elsewhere"}
    source = (
        "from voicecli.tools import tool\n"
        "from typing import Optional, Literal\n"
        "@tool\n"
        "def f(a: Optional[Literal['x', 'y']] = None) -> str:\n"
        "    'Does.'\n"
        "    return repr(a)\n"
    )
    exec(source, namespace)
    assert outcome_of(namespace["f"], {"a": "x"})[0].result == "'x'"
    assert "input should be 'x' or 'y'" in (outcome_of(namespace["f"], {"a": "z"})[0].error or "")


def plain() -> None:
    """Does something."""


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", ""),
        ("name", "two words"),
        ("name", 3),
        ("risk", "dangerous"),
        ("risk", None),
        ("risk", []),
        ("background", "yes"),
        ("background", 1),
        ("scheduling", "LATER"),
        ("scheduling", "SILENT"),  # without background
        ("timeout_s", 0),
        ("timeout_s", -1),
        ("timeout_s", "30"),
        ("timeout_s", True),
        ("timeout_s", float("nan")),
        ("timeout_s", float("inf")),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(option: str, value: object) -> None:
    options: Any = {option: value}
    with pytest.raises(UsageError) as caught:
        tool(**options)(plain)
    line = plain.__code__.co_firstlineno
    assert f"the function plain, {__file__}, line {line}," in caught.value.what
    assert caught.value.why.startswith(f"@tool({option}={value!r}) is wrong: {option} is ")
    assert option in caught.value.hint


@pytest.mark.parametrize("timeout_s", [None, 0.5, 86_400])
def test_a_time_out_is_a_number_of_seconds_or_none(timeout_s: float | None) -> None:
    assert tool(timeout_s=timeout_s)(plain).timeout_s == timeout_s


@pytest.mark.parametrize("risk", ["safe", "ask", "deny"])
def test_each_risk_has_a_word(risk: Literal["safe", "ask", "deny"]) -> None:
    assert tool(risk=risk)(plain).risk == Risk(risk)


def test_a_name_that_the_service_does_not_take_is_refused() -> None:
    def größe() -> None:
        """Does something."""

    with pytest.raises(UsageError, match="does not take its name") as caught:
        tool(größe)
    assert "@tool(name=" in caught.value.hint
    assert tool(name="size")(größe).name == "size"


@pytest.mark.parametrize("other", [int, 3, print])
def test_what_is_no_function_is_refused(other: Callable[..., object]) -> None:
    with pytest.raises(UsageError, match="not a function"):
        tool(other)


def test_importing_the_decorator_loads_nothing_that_takes_long() -> None:
    program = "import sys, voicecli.tools; print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"


def test_the_decorator_is_found_whatever_was_imported_first() -> None:
    program = (
        "import voicecli.tools.tool, voicecli.tools.runner\n"
        "from voicecli.tools import tool\n"
        "from voicecli.tools.tool import Tool\n"
        "print(callable(tool), Tool.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True Tool\n"
