"""A result is read aloud in the end: text and JSON go to the model, all else as a note."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from voicecli.tools.mcp.results import ToolError, result_of
from voicecli.tools.tool import LARGEST_RESULT_CHARACTERS

PICTURE = ImageContent(
    type="image", data=base64.b64encode(bytes(12_000)).decode(), mime_type="image/png"
)


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def result(*blocks: ContentBlock, **fields: Any) -> object:
    return result_of(CallToolResult(content=list(blocks), **fields))


def test_text_is_as_it_is_and_blocks_stand_one_below_the_other() -> None:
    assert result(text("10:00")) == "10:00"
    assert result(text("a\n"), text("b")) == "a\n\nb"
    assert result() == ""


def test_what_is_no_text_is_left_out_with_a_note() -> None:
    sound = AudioContent(type="audio", data="AAAA", mime_type="audio/wav")
    blob = BlobResourceContents(uri="file:///a.zip", blob="A" * 4000)
    got = result(text("here"), PICTURE, sound, EmbeddedResource(type="resource", resource=blob))
    assert got == (
        "here\n[an image of 12 kB was left out]\n[a sound of 1 kB was left out]\n"
        "[the file file:///a.zip of 3 kB was left out]"
    )


def test_files_and_links_come_with_their_address() -> None:
    file = TextResourceContents(uri="file:///notes.txt", text="buy milk")
    link = ResourceLink(type="resource_link", uri="https://example.org/map", name="map")
    got = result(EmbeddedResource(type="resource", resource=file), link)
    assert got == "[file:///notes.txt]\nbuy milk\n[map: https://example.org/map]"


def test_json_is_preferred_to_the_text_that_says_the_same() -> None:
    assert result(text('{"c": 21}'), structured_content={"c": 21}) == {"c": 21}
    assert result(structured_content=[1, 2]) == [1, 2]


def test_json_with_a_picture_becomes_text_with_a_note() -> None:
    got = result(text("21"), PICTURE, structured_content={"c": 21})
    assert got == '{"c": 21}\n[an image of 12 kB was left out]'


def test_a_failure_is_an_error_with_the_servers_words() -> None:
    with pytest.raises(ToolError, match="no such file"):
        result(text("no such file"), is_error=True)
    with pytest.raises(ToolError, match="did not say why"):
        result(is_error=True)


def test_a_result_that_is_too_long_is_cut_with_a_note() -> None:
    got = result(text("x" * 1_000_000), text("more"))
    assert isinstance(got, str)
    assert len(got) < LARGEST_RESULT_CHARACTERS + 100
    assert got.endswith("(cut: there was more)")


def test_json_that_is_too_long_is_cut_text() -> None:
    got = result(structured_content={"rows": ["é" * 100] * 10_000})
    assert isinstance(got, str)
    assert got.startswith('{"rows": ["é')
    assert len(got) < LARGEST_RESULT_CHARACTERS + 100
    assert got.endswith("(cut: there was more)")


def test_names_are_short_and_on_one_line() -> None:
    link = ResourceLink(type="resource_link", uri="x:" + "y" * 10_000, name="a\nb")
    got = result(link)
    assert isinstance(got, str)
    assert got.startswith("[a b: x:yyy")
    assert len(got) < 400


blocks = st.lists(
    st.one_of(st.text(max_size=30_000).map(text), st.just(PICTURE)), min_size=0, max_size=20
)


@given(blocks, st.none() | st.dictionaries(st.text(), st.text() | st.integers()))
def test_any_result_is_limited(content: list[ContentBlock], structured: object) -> None:
    got = result(*content, structured_content=structured)
    assert len(json.dumps(got, ensure_ascii=False)) < 6 * LARGEST_RESULT_CHARACTERS + 1000
    assert not isinstance(got, str) or len(got) < LARGEST_RESULT_CHARACTERS + 200
