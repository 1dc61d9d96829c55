"""What the model sends: taken as the schema says, or refused in words that it can act on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel, Field

from voicecli.tools.arguments import LARGEST_EXACT, Takes, takes
from voicecli.tools.signature import read_signature
from voicecli.tools.tool import ArgumentsError


class Unit(Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Place(BaseModel):
    city: str
    days: int = 1


@dataclass
class Point:
    x: float
    y: float = 0


def numbers(whole: int, real: float, flag: bool) -> None:
    """Takes numbers."""


def choices(unit: Unit, level: Level = Level.LOW, size: Literal["s", "l", 3] = "s") -> None:
    """Takes choices."""


def many(names: list[str], counts: dict[str, int], pair: tuple[int, str] | None = None) -> None:
    """Takes many."""


def models(place: Place, more: list[Place] | None = None, point: Point = Point(0)) -> None:  # noqa: B008
    """Takes models."""


def limits(
    age: Annotated[int, Field(ge=0, lt=150)], name: Annotated[str, Field(min_length=1)] = "x"
) -> None:
    """Takes what has limits."""


def unions(value: int | str | list[int], other: float | None) -> None:
    """Takes one or the other."""


def anything(value: Any, thing: object = None) -> None:
    """Takes anything."""


def awkward(schema: int, _private: str = "", model_config: bool = False, copy: int = 0) -> None:
    """Takes names that pydantic has uses for."""


def nothing() -> None:
    """Takes nothing."""


FUNCTIONS: list[Callable[..., object]] = [
    numbers,
    choices,
    many,
    models,
    limits,
    unions,
    anything,
    awkward,
    nothing,
]


def takes_of(function: Callable[..., object]) -> Takes:
    return takes(function, read_signature(function))


TAKES = {function.__name__: takes_of(function) for function in FUNCTIONS}

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-200, 200)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["C", "F", "s", "l", "", "Bonn", "yes", "3", 1.0, 2.0, 3.0, 1, 2, 3]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["city", "days", "x", "y", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def args_for(function: Callable[..., object]) -> st.SearchStrategy[dict[str, object]]:
    names = [*TAKES[function.__name__].schema["properties"]]  # type: ignore[misc]
    wild = st.dictionaries(st.sampled_from([*names, "wrong"]), JSON_VALUES)
    return wild | st.fixed_dictionaries(dict.fromkeys(names, JSON_VALUES))


def as_json(value: object) -> object:
    """What JSON said for `value` to come out of it."""
    if isinstance(value, BaseModel):
        return {name: as_json(getattr(value, name)) for name in value.model_fields_set}
    if isinstance(value, Point):
        return {"x": value.x, "y": value.y}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    if isinstance(value, dict):
        return {name: as_json(part) for name, part in value.items()}
    return value


def is_sane(value: object) -> bool:
    """Whether no part of it is a whole number only by being too large for anything else."""
    if isinstance(value, float):
        return not value.is_integer() or abs(value) <= LARGEST_EXACT
    if isinstance(value, int):
        return abs(value) <= LARGEST_EXACT
    if isinstance(value, list):
        return all(map(is_sane, value))
    return not isinstance(value, dict) or all(map(is_sane, value.values()))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_its_schema_is_one(function: Callable[..., object]) -> None:
    schema = TAKES[function.__name__].schema
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert isinstance(schema["properties"], dict)
    json.dumps(schema)


@given(st.data())
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_fits_the_schema_is_taken_and_nothing_else(
    function: Callable[..., object], data: st.DataObject
) -> None:
    accepted = TAKES[function.__name__]
    args = data.draw(args_for(function))
    fits = Draft202012Validator(accepted.schema).is_valid(args)
    try:
        values = accepted.read(args)
    except ArgumentsError:
        assert not (fits and is_sane(args))
        return
    assert fits
    assert set(values) == set(args)
    if function is not models:  # models and dataclasses leave out what they do not know
        assert as_json(values) == args


@given(
    st.sampled_from(FUNCTIONS),
    st.dictionaries(st.text(), JSON_VALUES | st.floats() | st.binary() | st.text()),
)
def test_whatever_is_sent_is_taken_or_refused(
    function: Callable[..., object], args: dict[str, object]
) -> None:
    with suppress(ArgumentsError):
        assert set(TAKES[function.__name__].read(args)) == set(args)


def test_what_is_taken_is_of_the_functions_own_types() -> None:
    place = {"city": "Bonn", "days": 2.0}
    values = TAKES["models"].read({"place": place, "more": [place], "point": {"x": 1}})
    assert values == {
        "place": Place(city="Bonn", days=2),
        "more": [Place(city="Bonn", days=2)],
        "point": Point(1, 0),
    }
    values = TAKES["choices"].read({"unit": "F", "level": 2.0, "size": 3.0})
    assert values == {"unit": Unit.FAHRENHEIT, "level": Level.HIGH, "size": 3}
    assert isinstance(values["level"], Level)
    values = TAKES["many"].read({"names": [], "counts": {}, "pair": [1, "a"]})
    assert values["pair"] == (1, "a")


def test_what_was_left_out_is_left_to_the_function() -> None:
    assert TAKES["choices"].read({"unit": "C"}) == {"unit": Unit.CELSIUS}


def test_a_whole_number_may_come_with_a_point() -> None:
    values = TAKES["numbers"].read({"whole": 3.0, "real": 2, "flag": True})
    assert values == {"whole": 3, "real": 2.0, "flag": True}
    assert type(values["whole"]) is int


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ({"whole": 3.5}, "whole: input should be a valid integer, not 3.5"),
        ({"whole": "3"}, 'whole: input should be a valid integer, not "3"'),
        ({"whole": True}, "whole: input should be a valid integer, not true"),
        ({"flag": "yes"}, 'flag: input should be a valid boolean, not "yes"'),
        ({"flag": 1}, "flag: input should be a valid boolean, not 1"),
        ({"real": "1"}, 'real: input should be a valid number, not "1"'),
        ({"real": None}, "real: input should be a valid number, not null"),
        ({"reel": 1}, "reel is unknown, did you mean real?"),
        ({"zzz": 1}, "zzz is unknown"),
    ],
)
def test_what_is_wrong_is_told(args: dict[str, object], complaint: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TAKES["numbers"].read({"whole": 1, "real": 1, "flag": True} | args)
    told, _, rest = str(caught.value).partition(". It takes: ")
    assert told == complaint
    assert rest == "whole (integer), real (number), flag (boolean)"


@pytest.mark.parametrize(
    ("name", "args", "complaint"),
    [
        ("models", {"place": {"days": 1}}, "place.city is missing"),
        ("models", {"place": {"city": "a"}, "more": [{"city": 1}]}, "more[0].city: input should"),
        ("many", {"names": ["a", 1], "counts": {}}, "names[1]: input should be a valid string"),
        ("many", {"names": [], "counts": {"a": "x"}}, "counts.a: input should be a valid integer"),
        ("limits", {"age": 150}, "age: input should be less than 150, not 150"),
        ("choices", {"unit": "K"}, "unit: input should be 'C' or 'F', not \"K\""),
        ("unions", {"value": None, "other": 1}, "value: input should be a valid integer"),
        ("limits", {"name": "Ada"}, "age is missing. It takes: age (integer), name"),
        ("nothing", {"x": 1}, "x is unknown. It takes: nothing"),
    ],
)
def test_where_it_is_wrong_is_told(name: str, args: dict[str, object], complaint: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TAKES[name].read(args)
    assert str(caught.value).startswith(complaint)


def test_many_complaints_are_counted() -> None:
    with pytest.raises(ArgumentsError) as caught:
        TAKES["many"].read({"names": list(range(1000)), "counts": {}})
    assert "; and 995 more. It takes: " in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_what_is_long_is_shown_in_short() -> None:
    with pytest.raises(ArgumentsError) as caught:
        TAKES["numbers"].read({"whole": "x" * 10_000, "y" * 10_000: 1, "flag": True, "real": 1})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", [math.inf, math.nan, 10**5000], ids=["inf", "nan", "huge"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ArgumentsError):
        TAKES["numbers"].read({"whole": value, "real": 1, "flag": True})


def test_what_is_nested_without_an_end_is_refused() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ArgumentsError, match="not JSON"):
        TAKES["anything"].read({"value": value})
    deep = json.loads("[" * 500 + "]" * 500)
    with pytest.raises(ArgumentsError, match="recursion"):
        TAKES["anything"].read({"value": deep})


def test_a_model_of_the_users_may_have_its_own_rules() -> None:
    class Even(BaseModel):
        number: Annotated[int, Field(multiple_of=2)]

    def takes_even(even: Even) -> None:
        """Takes an even number."""

    takes_even.__annotations__["even"] = Even
    with pytest.raises(ArgumentsError, match=r"even\.number: input should be a multiple of 2"):
        takes_of(takes_even).read({"even": {"number": 3}})


def test_descriptions_of_arguments_come_from_the_docstring_or_a_field() -> None:
    def says(text: str, times: Annotated[int, Field(description="how often")] = 1) -> None:
        """Says something.

        Args:
            text: What to say,
                in words.
        """

    assert takes_of(says).schema["properties"] == {
        "text": {"type": "string", "description": "What to say, in words."},
        "times": {"type": "integer", "description": "how often", "default": 1},
    }


def test_a_default_that_is_no_json_is_left_out_of_the_schema() -> None:
    def runs(a: int = print) -> None:  # type: ignore[assignment]
        """Runs."""

    assert takes_of(runs).schema["properties"] == {"a": {"type": "integer"}}
    assert takes_of(runs).read({}) == {}
