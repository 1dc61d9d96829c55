"""A function that the protocol does not allow is left out, and the others of its list are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.types.methods import validate_server_result

from voicecli.tools.mcp.listings import mended

OLD, NEW = "2024-11-05", "2025-11-25"
GOOD = {"name": "echo", "inputSchema": {"type": "object", "properties": {}}}
VALUES: list[object] = [
    *(None, True, 7, "f", [], ["f"], {}, {"properties": {"a": True}}),
    *({"type": "object"}, {"type": "array"}, {"type": "object", "properties": None}),
]
JSON = st.sampled_from(VALUES)
KEYS = st.sampled_from(["name", "inputSchema", "outputSchema", "title", "annotations", "type"])


def kept(*functions: object, version: str = NEW) -> tuple[list[object], list[str]]:
    left_out: list[str] = []
    result = mended({"tools": list(functions), "nextCursor": "2"}, version, left_out.append)
    assert result["nextCursor"] == "2"
    tools = result["tools"]
    assert isinstance(tools, list)
    return tools, left_out


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ({"name": "f", "inputSchema": {"type": "array"}}, "f: its arguments are not an object"),
        ({"name": "f", "inputSchema": "object"}, "f: its arguments are not an object"),
        ({"name": "f", "inputSchema": None}, "f: its arguments are not an object"),
        ({"name": "f"}, "f: its arguments are not an object"),
        ({**GOOD, "title": 7}, "echo: what the server says of it is not valid"),
        ({**GOOD, "name": "\x1b[31m" + "x" * 200, "title": 7}, f"[31m{'x' * 75}: what the"),
        ({"inputSchema": {"type": "object"}}, "one that has no name"),
        ({**GOOD, "name": 7}, "one that has no name"),
        ("echo", "one that has no name"),
        (None, "one that has no name"),
    ],
)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_what_does_not_fit_is_left_out_with_its_reason(
    function: object, reason: str, version: str
) -> None:
    tools, left_out = kept(GOOD, function, GOOD, version=version)
    assert tools == [GOOD, GOOD]
    assert len(left_out) == 1
    assert left_out[0].startswith(reason)


@pytest.mark.parametrize("schema", [{}, {"properties": {}}, {"anyOf": [{"type": "object"}]}])
def test_arguments_without_a_type_are_an_object(schema: dict[str, object]) -> None:
    tools, left_out = kept({"name": "f", "inputSchema": schema})
    assert tools == [{"name": "f", "inputSchema": {"type": "object", **schema}}]
    assert not left_out


def test_a_result_that_is_described_wrongly_is_not_described() -> None:
    tools, left_out = kept({**GOOD, "outputSchema": {"type": "array"}})
    assert tools == [GOOD]
    assert not left_out


def test_what_fits_stays_as_it_is() -> None:
    function = {**GOOD, "title": "Echo", "outputSchema": {"type": "object"}, "_meta": {"a": 1}}
    assert kept(function) == ([function], [])


@given(st.lists(st.dictionaries(KEYS, JSON) | JSON, max_size=4))
def test_whatever_a_server_lists_is_valid_afterwards(functions: list[object]) -> None:
    tools, left_out = kept(*functions)
    assert len(tools) + len(left_out) == len(functions)
    validate_server_result("tools/list", NEW, {"tools": tools})
