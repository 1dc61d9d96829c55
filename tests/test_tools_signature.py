"""What cannot be declared is told with file, line and parameter, and one thing to do."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voicecli.errors import ExitCode, UsageError
from voicecli.tools.arguments import takes
from voicecli.tools.signature import NAME, Parameter, is_function, read_signature, refusal

if TYPE_CHECKING:
    from decimal import Decimal

FILE = str(Path(__file__))


def untyped(  # type: ignore[no-untyped-def]  # it is what is tested
    city: str,
    days,  # noqa: ANN001
) -> None:
    """Does something."""


def listed(*cities: str) -> None:
    """Does something."""


def named(**cities: str) -> None:
    """Does something."""


def by_place(city: str, /) -> None:
    """Does something."""


def unknown(city: str, price: Decimal) -> None:
    """Does something."""


def callback(city: str, then: Callable[[], None]) -> None:
    """Does something."""


def stream(city: str, out: Path | inspect.Signature) -> None:
    """Does something."""


def undocumented(city: str) -> None:
    pass


def empty(city: str) -> None:
    """

    Args:
        city: Where.
    """


def muddled(city: str) -> None:
    """Does something.

    Args:
        the city
    """


def refused(function: Callable[..., object]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        takes(function, read_signature(function))
    return caught.value


@pytest.mark.parametrize(
    ("function", "lines_down", "why"),
    [
        (untyped, 2, "its parameter days has no type"),
        (listed, 0, "its parameter *cities cannot be declared"),
        (named, 0, "its parameter **cities cannot be declared"),
        (by_place, 0, "its parameter city cannot be declared"),
        (unknown, 0, "the type of its parameter price is not known: name 'Decimal' is not"),
        (callback, 0, "the type of its parameter then cannot be said in JSON"),
        (stream, 0, "the type of its parameter out cannot be said in JSON"),
        (undocumented, 0, "it has no docstring"),
        (empty, 0, "it has no docstring"),
        (muddled, 0, "its docstring cannot be read"),
    ],
)
def test_what_cannot_be_declared_is_told_with_its_place(
    function: Callable[..., object], lines_down: int, why: str
) -> None:
    error = refused(function)
    line = function.__code__.co_firstlineno + lines_down
    place = f"{FILE}, line {line},"
    assert error.what == f"the function {function.__name__}, {place} cannot be offered to the model"
    assert error.why.startswith(why)
    assert error.hint
    assert error.exit_code == ExitCode.USAGE


def decorated(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> object:
        return function(*args, **kwargs)

    return wrapper


@decorated
@decorated
def wrapped(
    city: str,
    price: Decimal,
) -> None:
    """Does something."""


def test_the_line_is_that_of_the_parameter_below_decorators() -> None:
    lines = Path(FILE).read_text(encoding="utf-8").splitlines()
    line = lines.index("def wrapped(") + 3
    assert f"{FILE}, line {line}," in refused(wrapped).what


def test_the_line_is_that_of_def_where_no_parameter_is_meant() -> None:
    lines = Path(FILE).read_text(encoding="utf-8").splitlines()
    error = refusal(wrapped, "why", "hint")
    assert f"{FILE}, line {lines.index('def wrapped(') + 1}," in error.what


def test_without_its_source_the_place_is_where_the_function_begins() -> None:
    namespace: dict[str, Any] = {}
    exec(compile("\n\ndef f(x):\n    'Does.'\n", "gone.py", "exec"), namespace)
    assert "gone.py, line 3," in refused(namespace["f"]).what


def test_the_description_is_all_above_the_sections() -> None:
    def books(city: str) -> str:
        """Books a table.

        Only in Bonn. Example:

        Example:
            books("Bonn")

        Args:
            city (str): Where
                to eat.

        Returns:
            A number.

        Raises:
            ValueError: If not.
        """
        return city

    signature = read_signature(books)
    expected = 'Books a table.\n\nOnly in Bonn. Example:\n\nExample:\n    books("Bonn")'
    assert signature.description == expected
    assert signature.parameters == (
        Parameter("city", str, inspect.Parameter.empty, "Where to eat."),
    )


def test_a_result_of_an_unknown_type_does_not_matter() -> None:
    def price(city: str, days: int = 3) -> Decimal:
        """Tells a price."""
        raise NotImplementedError

    assert [one.name for one in read_signature(price).parameters] == ["city", "days"]


def test_what_a_wrapper_wraps_is_what_is_declared() -> None:
    def books(city: str) -> None:
        """Books."""

    assert read_signature(decorated(books)) == read_signature(books)


def test_a_method_is_declared_without_self() -> None:
    class Lamp:
        def light(self, on: bool) -> None:
            """Switches."""

    signature = read_signature(Lamp().light)
    assert [one.name for one in signature.parameters] == ["on"]


def test_only_what_def_makes_is_a_function() -> None:
    assert is_function(test_only_what_def_makes_is_a_function)
    assert is_function(lambda: 1)
    for other in (int, print, functools.partial(print), None):
        assert not is_function(other)


@pytest.mark.parametrize("name", ["a", "_", "get-x", "A" * 64])
def test_a_name_that_the_service_takes(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "1a", "ä", "a b", "a.b", "a:b", "A" * 65, "a\n"])
def test_a_name_that_it_may_not_take(name: str) -> None:
    assert not NAME.fullmatch(name)
