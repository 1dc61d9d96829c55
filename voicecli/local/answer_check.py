"""What is wrong with an answer to a call, by the protocol and by what the script expects; pure.

Everything is told as what follows on "the client answered the call 'ID' ". What a client sent is
quoted and cut.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping

from voicecli.local.client_frames import ToolAnswer
from voicecli.local.tool_calls import MadeCall

# As much of a value as tells it from others, on one line of a terminal.
MAX_CHARACTERS = 60

_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = MAX_CHARACTERS
_BRIEF.maxlevel = _BRIEF.maxlist = _BRIEF.maxdict = 3


def misuses(made: MadeCall, answer: ToolAnswer, *, schedules: bool) -> Iterator[str]:
    """What the protocol does not allow; `schedules`: the model takes a scheduling."""
    if answer.name and answer.name != made.call.name:
        yield f"of {made.call.name} under the name {brief(answer.name)}"
    if answer.will_continue and not made.background:
        yield "with will_continue, which only NON_BLOCKING calls take"
    if answer.scheduling and not made.background:
        yield "with a scheduling, which only NON_BLOCKING calls take"
    elif answer.scheduling and not schedules:
        yield "with a scheduling, which the model does not take"


def difference(made: MadeCall, response: Mapping[str, object]) -> str | None:
    """How a whole `response` differs from what the script expects of it; None if it does not."""
    call = made.call
    if call.expect_error and "error" not in response:
        return "without an error, where the script expects one"
    if call.expect is None:
        return None
    if "error" in response and "error" not in call.expect and not call.expect_error:
        return f"with the error {brief(response['error'])}, where the script expects none"
    return _differs(call.expect, response, "")


def brief(value: object) -> str:
    """`value` quoted for a terminal, and cut."""
    return ascii(_BRIEF.repr(value))[1:-1]


def _differs(expected: Mapping[str, object], found: Mapping[str, object], path: str) -> str | None:
    for key, value in expected.items():
        where = f"{path}.{key}" if path else key
        if key not in found:
            other = next((one for one in found if _same_but_case(one, key)), None)
            if other is not None:
                return f"with {brief(other)} for {brief(where)}: the case of keys is the user's"
            return f"without {brief(where)}, which the script expects"
        there = found[key]
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            if (inner := _differs(value, there, where)) is not None:
                return inner
        elif not _same(value, there):
            expects = f"where the script expects {brief(value)}"
            return f"with {brief(where)} as {brief(there)}, {expects}"
    return None


def _same(one: object, other: object) -> bool:
    """Whether two JSON values are the same; 1 is 1.0, but not true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _same_but_case(one: str, other: str) -> bool:
    return one.replace("_", "").lower() == other.replace("_", "").lower()
