"""What a function's signature and docstring say, and what is wrong with them."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any, get_type_hints

from docstring_parser import ParseError
from docstring_parser.google import DEFAULT_SECTIONS, GoogleParser

from voicecli.errors import UsageError

# Stricter than Gemini's rule, which also allows "." and ":" (ai.google.dev/api/caching,
# FunctionDeclaration).
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

# An example is for the model, too: it stays in the description.
SECTIONS = [part for part in DEFAULT_SECTIONS if part.title not in {"Example", "Examples"}]

NOT_BY_NAME = {
    inspect.Parameter.POSITIONAL_ONLY: ("", "the model gives arguments by name, and it has none"),
    inspect.Parameter.VAR_POSITIONAL: ("*", "the model gives arguments by name"),
    inspect.Parameter.VAR_KEYWORD: ("**", "the model has to know the names"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that the model gives; `default` is `inspect.Parameter.empty` if it has to."""

    name: str
    annotation: Any
    default: object
    description: str | None


@dataclass(frozen=True, slots=True)
class Signature:
    """What the model is told of a function and gives to it."""

    description: str
    parameters: tuple[Parameter, ...]


def read_signature(function: Callable[..., object]) -> Signature:
    """The signature of `function`. Raises UsageError if it cannot be declared."""
    description, described = _read_docstring(function)
    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in NOT_BY_NAME:
            stars, why = NOT_BY_NAME[parameter.kind]
            raise refusal(
                function,
                f"its parameter {stars}{parameter.name} cannot be declared: {why}",
                "use ordinary parameters, such as city: str",
                parameter.name,
            )
        annotation = _annotation(function, parameter)
        parameters.append(
            Parameter(parameter.name, annotation, parameter.default, described.get(parameter.name))
        )
    return Signature(description, tuple(parameters))


def refusal(
    function: Callable[..., object], why: str, hint: str, parameter: str | None = None
) -> UsageError:
    """Tells that `function` cannot be offered to the model, and where it or `parameter` stands."""
    inner = inspect.unwrap(function)
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(inner, "__code__", None)
    place = f", {code.co_filename}, line {_line(inner, parameter)}," if code is not None else ""
    return UsageError(
        f"the function {name}{place} cannot be offered to the model", why=why, hint=hint
    )


def is_function(function: object) -> bool:
    """Whether `function` is made by `def`."""
    return isinstance(function, FunctionType | MethodType)


def _annotation(function: Callable[..., object], parameter: inspect.Parameter) -> Any:
    if parameter.annotation is inspect.Parameter.empty:
        raise refusal(
            function,
            f"its parameter {parameter.name} has no type",
            f"write its type, such as {parameter.name}: str",
            parameter.name,
        )
    # One by one, so that an error names its parameter, and that of the result does not matter.
    holder: Any = SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    scope = inspect.unwrap(function).__globals__
    try:
        return get_type_hints(holder, globalns=scope, include_extras=True)[parameter.name]
    except Exception as error:
        raise refusal(
            function,
            f"the type of its parameter {parameter.name} is not known: {error}",
            "import or define the type at the top of the file, outside of `if TYPE_CHECKING:`",
            parameter.name,
        ) from error


def _read_docstring(function: Callable[..., object]) -> tuple[str, Mapping[str, str]]:
    """The description of `function`, and those of its parameters by name."""
    try:
        parsed = GoogleParser(SECTIONS).parse(function.__doc__)
    except ParseError as error:
        raise refusal(
            function,
            f"its docstring cannot be read: {error}",
            "write each line below Args: as `name: what it is`",
        ) from error
    description = (parsed.description or "").strip()
    if not description:
        raise refusal(
            function,
            "it has no docstring, and the model would not know what it is for",
            "write one: a sentence that says what the function does",
        )
    described = {one.arg_name: " ".join((one.description or "").split()) for one in parsed.params}
    return description, {name: text for name, text in described.items() if text}


def _line(function: Callable[..., object], parameter: str | None) -> int:
    """Where `parameter` stands, or the `def` of `function`."""
    first: int = function.__code__.co_firstlineno
    try:
        source = inspect.getsource(function)
        node = ast.parse(textwrap.dedent(source)).body[0]
    except (OSError, SyntaxError, IndexError):
        return first
    nodes: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.arg] = [
        one
        for one in ast.walk(node)
        if (isinstance(one, ast.arg) and one.arg == parameter)
        or (parameter is None and isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
    ]
    return first + nodes[0].lineno - 1 if nodes else first
