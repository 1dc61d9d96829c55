"""A function that the model can call: what it is called, what it takes, what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """`function` takes the arguments by name, may block, and returns what JSON can say.

    `parameters` is a JSON schema of type object; arguments are checked against its `properties`
    and `required` before the call.
    """

    name: str
    description: str
    parameters: Mapping[str, object]
    function: Callable[..., object]

    def unfit(self, args: Mapping[str, object]) -> str | None:
        """What is wrong with `args`, in words that the model can act on; None if nothing is."""
        properties = self.parameters.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        unknown = sorted(set(args) - set(known))
        if unknown:
            takes = ", ".join(known) or "no arguments"
            return f"unknown arguments: {', '.join(unknown)}; {self.name} takes {takes}"
        required = self.parameters.get("required")
        needed = required if isinstance(required, (list, tuple)) else ()
        missing = [name for name in needed if name not in args]
        return f"missing arguments: {', '.join(missing)}" if missing else None
