"""Typed Python functions as tools: the declaration comes from the signature and the docstring."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar, overload

from voicecli.tools.calling import Calling
from voicecli.tools.tool import TIMEOUT_S, Risk, Scheduling, Tool

P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class FunctionTool(Tool, Generic[P, Result]):
    """A tool that is a Python function, which can be called as if it were not decorated."""

    function: Callable[P, Result] = field(kw_only=True)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Result:
        """What the function itself returns; nothing is checked or asked."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[P, Result], /) -> FunctionTool[P, Result]: ...


@overload
def tool(
    *,
    name: str | None = None,
    risk: str = Risk.SAFE,
    background: bool = False,
    scheduling: str | None = None,
    timeout_s: float | None = TIMEOUT_S,
) -> Callable[[Callable[P, Result]], FunctionTool[P, Result]]: ...


def tool(
    function: Callable[P, Result] | None = None,
    /,
    *,
    name: str | None = None,
    risk: str = Risk.SAFE,
    background: bool = False,
    scheduling: str | None = None,
    timeout_s: float | None = TIMEOUT_S,
) -> FunctionTool[P, Result] | Callable[[Callable[P, Result]], FunctionTool[P, Result]]:
    """Offer a function to the model, as `@tool` or with options as `@tool(risk="ask")`.

    The model knows the function by its `name`, or else the one that it has in Python. `risk` is
    "safe", "ask" or "deny". With `background` the conversation goes on while it runs, and
    `scheduling` ("INTERRUPT", "WHEN_IDLE" or "SILENT") tells when the model speaks of its result.
    `timeout_s` is how long a call may take; None for as long as it takes.

    Raises UsageError, with file and line, for a function that cannot be declared.
    """
    options = _Options(name, risk, background, scheduling, timeout_s)
    if function is not None:
        return _declared(function, options)
    return lambda decorated: _declared(decorated, options)


@dataclass(frozen=True, slots=True)
class _Options:
    """What stands between the brackets of `@tool(...)`, not checked."""

    name: Any
    risk: Any
    background: Any
    scheduling: Any
    timeout_s: Any


def _declared(function: Callable[P, Result], options: _Options) -> FunctionTool[P, Result]:
    # pydantic takes a tenth of a second to import; a command without functions has no use for it.
    from voicecli.tools.arguments import takes
    from voicecli.tools.signature import is_function, read_signature, refusal

    if not is_function(function):
        hint = "decorate a function made by def"
        raise refusal(function, f"it is a {type(function).__name__}, not a function", hint)
    _check(function, options)
    signature = read_signature(function)
    accepted = takes(function, signature)
    calling = Calling(function, accepted.read)
    return FunctionTool(
        name=function.__name__ if options.name is None else options.name,
        description=signature.description,
        parameters=accepted.schema,
        call=calling,
        origin=_origin(function),
        risk=Risk(options.risk),
        background=options.background,
        scheduling=None if options.scheduling is None else Scheduling(options.scheduling),
        streams=calling.streams,
        timeout_s=options.timeout_s,
        function=function,
    )


def _check(function: Callable[..., object], options: _Options) -> None:
    """Raises UsageError for what `options` must not be."""
    from voicecli.tools.signature import NAME, refusal

    def refuse(option: str, takes: str) -> NoReturn:
        why = f"@tool({option}={getattr(options, option)!r}) is wrong: {option} is {takes}"
        raise refusal(function, why, f"change {option}, or leave it out")

    name = function.__name__ if options.name is None else options.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        rule = "1 to 64 of A-Z, a-z, 0-9, _ and -, the first a letter or _"
        if options.name is not None:
            refuse("name", rule)
        why = f"the service does not take its name: a name is {rule}"
        raise refusal(function, why, 'give it another name: @tool(name="…")')
    if options.risk not in list(Risk):
        refuse("risk", " or ".join(f'"{risk}"' for risk in Risk))
    if not isinstance(options.background, bool):
        refuse("background", "True or False")
    if options.scheduling is not None:
        if options.scheduling not in list(Scheduling):
            refuse("scheduling", " or ".join(f'"{one}"' for one in Scheduling))
        if not options.background:
            refuse("scheduling", "for functions with background=True")
    if options.timeout_s is not None and not _is_duration(options.timeout_s):
        refuse("timeout_s", "a number of seconds above 0, or None")


def _is_duration(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0  # type: ignore[arg-type, operator]


def _origin(function: Callable[..., object]) -> str:
    """Where it comes from, unless whoever loads it knows better."""
    module = inspect.unwrap(function).__module__
    return "built in" if module.startswith("voicecli.") else f"the module {module}"
