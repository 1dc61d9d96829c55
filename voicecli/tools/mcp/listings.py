"""What a server lists, without the functions for which the package refuses the whole list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mcp.client import Transport
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCResponse
from mcp.types.methods import validate_server_result
from pydantic import ValidationError

if TYPE_CHECKING:
    from mcp.client._transport import ReadStream, TransportStreams

# A server's own names are not limited; what is shown of one is.
LONGEST_SHOWN_CHARACTERS = 80

Version = Callable[[], str]
"""The version of the protocol that both agreed on."""
Unfit = Callable[[str], None]
"""Hears of a function that was taken out of a list, and why, in a line."""


@asynccontextmanager
async def mending(
    transport: Transport, version: Version, unfit: Unfit
) -> AsyncIterator[TransportStreams]:
    """The streams of `transport`, with lists of functions of which each one is valid."""
    async with transport as (incoming, outgoing):
        yield _Mended(incoming, version, unfit), outgoing


def mended(listing: Mapping[str, object], version: str, unfit: Unfit) -> dict[str, object]:
    """The result `listing` of tools/list without what does not fit the protocol's `version`."""

    def fits(function: Mapping[str, object]) -> bool:
        try:
            validate_server_result("tools/list", version, {**listing, "tools": [function]})
        except ValidationError:
            return False
        return True

    functions = listing["tools"]
    kept = []
    for function in functions if isinstance(functions, list) else []:
        repaired = _repaired(function)
        plain = {key: value for key, value in repaired.items() if key != "outputSchema"}
        fitting = next((one for one in (repaired, plain) if fits(one)), None)
        if fitting is None:
            unfit(_reason(repaired))
        else:
            kept.append(fitting)
    return {**listing, "tools": kept}


def _repaired(function: object) -> dict[str, object]:
    if not isinstance(function, Mapping):
        return {}
    schema = function.get("inputSchema")
    if not isinstance(schema, Mapping):
        return dict(function)
    # Arguments have names: there is nothing else that it could mean.
    return {**function, "inputSchema": {"type": "object", **schema}}


def _reason(function: Mapping[str, object]) -> str:
    name, schema = function.get("name"), function.get("inputSchema")
    if not isinstance(name, str):
        return "one that has no name"
    shown = "".join(c for c in name[:LONGEST_SHOWN_CHARACTERS] if c.isprintable())
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        return f"{shown}: its arguments are not an object"
    return f"{shown}: what the server says of it is not valid"


@dataclass(frozen=True, slots=True)
class _Mended:
    """A stream of messages, as the package reads it."""

    incoming: ReadStream[SessionMessage | Exception]
    version: Version
    unfit: Unfit

    async def receive(self) -> SessionMessage | Exception:
        return self._look_at(await self.incoming.receive())

    async def aclose(self) -> None:
        await self.incoming.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return self._look_at(await anext(self.incoming))

    async def __aenter__(self) -> Self:
        await self.incoming.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        return await self.incoming.__aexit__(exc_type, exc_val, exc_tb)

    def _look_at(self, message: SessionMessage | Exception) -> SessionMessage | Exception:
        if isinstance(message, Exception) or not isinstance(message.message, JSONRPCResponse):
            return message
        answer = message.message
        if not isinstance(answer.result.get("tools"), list):
            return message
        result = mended(answer.result, self.version(), self.unfit)
        return replace(message, message=answer.model_copy(update={"result": result}))
