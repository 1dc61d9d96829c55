"""Arguments as a function takes them, out of what the model sent."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter as Inspected
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from voicecli.tools.json_text import json_text
from voicecli.tools.schema import RecursiveSchemaError, Schema, in_words, tidy
from voicecli.tools.signature import Parameter, Signature, refusal
from voicecli.tools.tool import Arguments, ArgumentsError

# Enough to mend a call in one go; the model need not read the same thing for each of 1,000 items.
MOST_COMPLAINTS = 5
MOST_SHOWN_CHARACTERS = 60

# Above it not every whole number has a float of its own, so that one says less than it seems to.
LARGEST_EXACT = 2**53

# A number that JSON cannot say has no place in a call.
CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a function takes: the JSON `schema`, and the model that checks it."""

    schema: Schema
    _model: type[BaseModel]
    _names: tuple[str, ...]

    def read(self, args: Arguments) -> dict[str, Any]:
        """The values to call the function with; those that were left out are not among them.

        Raises ArgumentsError if `args` do not fit.
        """
        try:
            plain = _with_whole_numbers(dict(args))
            # Strict: what is not of its type in JSON is refused and never guessed at.
            values = self._model.model_validate_json(json_text(plain), strict=True)
        except ValidationError as error:
            raise ArgumentsError(self._complaint(error, args)) from None
        except (ValueError, TypeError, RecursionError) as error:
            raise ArgumentsError(f"the arguments are not JSON that can be read: {error}") from None
        given = values.model_fields_set
        return {
            name: getattr(values, _field(position))
            for position, name in enumerate(self._names)
            if _field(position) in given
        }

    def _complaint(self, error: ValidationError, args: Arguments) -> str:
        details = error.errors(include_url=False, include_context=False)
        complaints = list(dict.fromkeys(_complaint(one, args, self._names) for one in details))
        more = len(complaints) - MOST_COMPLAINTS
        said = "; ".join(complaints[:MOST_COMPLAINTS]) + (f"; and {more} more" if more > 0 else "")
        return f"{said}. It takes: {in_words(self.schema)}"


def takes(function: Callable[..., object], signature: Signature) -> Takes:
    """What `function` takes. Raises UsageError for a type that cannot be declared."""
    for parameter in signature.parameters:
        if isinstance(parameter.default, FieldInfo):
            raise refusal(
                function,
                f"the default of its parameter {parameter.name} is a Field",
                f"write {parameter.name}: Annotated[type, Field(...)] = default",
                parameter.name,
            )
    fields: dict[str, Any] = {
        _field(position): (parameter.annotation, _field_info(parameter))
        for position, parameter in enumerate(signature.parameters)
    }
    try:
        with warnings.catch_warnings():
            # A default that is not of its type, or not JSON, is left out of the schema.
            warnings.simplefilter("ignore")
            model: type[BaseModel] = create_model("Arguments", __config__=CONFIG, **fields)
            schema = tidy(model.model_json_schema())
    except Exception as error:
        raise _unsupported(function, signature, error) from error
    schema.setdefault("properties", {})
    return Takes(schema, model, tuple(parameter.name for parameter in signature.parameters))


def _field(position: int) -> str:
    """A name for pydantic, to which a parameter called `schema`, `_x` or `copy` would be none."""
    return f"argument_{position}"


def _field_info(parameter: Parameter) -> Any:
    default = ... if parameter.default is Inspected.empty else parameter.default
    if parameter.description is None:
        return Field(default, alias=parameter.name)
    return Field(default, alias=parameter.name, description=parameter.description)


def _unsupported(
    function: Callable[..., object], signature: Signature, error: Exception
) -> Exception:
    for parameter in signature.parameters:
        try:
            annotation: Any = parameter.annotation
            tidy(TypeAdapter(annotation).json_schema())
        except RecursiveSchemaError as recursion:
            why = f"the type of its parameter {parameter.name} contains itself ({recursion})"
            hint = "use a type of fixed depth, or dict[str, Any]"
            return refusal(function, why, hint, parameter.name)
        except Exception as cause:
            # What follows in pydantic's words is of use to who writes models only.
            said = (str(cause) or type(cause).__name__).splitlines()[0].partition(". ")[0]
            why = f"the type of its parameter {parameter.name} cannot be said in JSON: {said}"
            hint = "use int, float, bool, str, list, dict, Literal, an Enum or a pydantic model"
            return refusal(function, why, hint, parameter.name)
    return refusal(function, f"its signature cannot be declared: {error}", "simplify its types")


def _with_whole_numbers(value: object) -> object:
    """`value` with 3.0 as 3, which is the same number in JSON, and which models send for 3."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _with_whole_numbers(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_whole_numbers(part) for part in value]
    return value


def _complaint(error: ErrorDetails, args: Arguments, names: Sequence[str]) -> str:
    path = _short("".join(_steps(error, args)).removeprefix("."))
    if error["type"] == "missing":
        return f"{path} is missing"
    if error["type"] == "extra_forbidden":
        near = get_close_matches(path, names, n=1)
        return f"{path} is unknown" + (f", did you mean {near[0]}?" if near else "")
    if error["type"] == "json_invalid":
        return error["msg"]
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"{path}: {message}, not {_short(_shown(error['input']))}"


def _steps(error: ErrorDetails, args: Arguments) -> Iterator[str]:
    """Where in `args` the `error` is: `.cities`, `[2]`, `.name`."""
    value: object = args
    missing = error["loc"][-1:] if error["type"] == "missing" else ()
    for step in error["loc"][: -1 if missing else None]:
        try:
            value = value[step]  # type: ignore[index]  # what cannot be indexed raises TypeError
        except (KeyError, IndexError, TypeError):
            # The name of a type out of several that were tried.
            continue
        yield f"[{step}]" if isinstance(step, int) else f".{step}"
    yield from (f".{step}" for step in missing)


def _shown(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return type(value).__name__


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN_CHARACTERS else text[: MOST_SHOWN_CHARACTERS - 1] + "…"
