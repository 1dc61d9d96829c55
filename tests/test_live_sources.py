"""Only what is a page on the web is a source; a service that says more is not believed."""

from __future__ import annotations

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from voicecli.live import events
from voicecli.live.sources import (
    LONGEST_ADDRESS,
    LONGEST_TITLE,
    MOST_QUERIES,
    MOST_SOURCES,
    NO_ADDRESS,
    TOO_MANY,
    is_web_address,
    read_pages,
    searched,
)

SUCCESS = types.UrlRetrievalStatus.URL_RETRIEVAL_STATUS_SUCCESS
PAYWALL = types.UrlRetrievalStatus.URL_RETRIEVAL_STATUS_PAYWALL


def found(*pages: tuple[str | None, str | None], queries: tuple[str, ...] = ()) -> list[object]:
    chunks = [
        types.GroundingChunk(web=types.GroundingChunkWeb(uri=uri, title=title))
        for uri, title in pages
    ]
    metadata = types.GroundingMetadata(grounding_chunks=chunks, web_search_queries=list(queries))
    return list(searched(metadata))


def read(*pages: tuple[str | None, types.UrlRetrievalStatus | None]) -> list[object]:
    listed = [
        types.UrlMetadata(retrieved_url=url, url_retrieval_status=status) for url, status in pages
    ]
    return list(read_pages(types.UrlContextMetadata(url_metadata=listed)))


def test_a_page_is_named_by_its_title_or_else_by_its_address() -> None:
    assert found(
        ("https://a.example/1", "A"),
        ("http://b.example", None),
        ("http://c.example", "  "),
        queries=("q",),
    ) == [
        events.Grounding(
            ("q",),
            (
                events.Source("https://a.example/1", "A"),
                events.Source("http://b.example", "http://b.example"),
                events.Source("http://c.example", "http://c.example"),
            ),
        )
    ]


def test_a_page_counts_once_and_one_without_an_address_not_at_all() -> None:
    assert found((None, "no address"), ("https://a.example", "A"), ("https://a.example", "B")) == [
        events.Grounding((), (events.Source("https://a.example", "A"),))
    ]
    assert found((None, "no address")) == []


def test_searches_are_told_even_if_they_found_nothing() -> None:
    assert found(queries=("q",)) == [events.Grounding(("q",), ())]
    assert found() == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://a.example",
        "https://",
        "https:///path",
        "//a.example",
        "a.example",
        "https://a.example/\x1b[2J",
        "https://a.example/ b",
        "https://a.example/\u202egnp.exe",
        "https://[::1",
        "https://a.example/" + "x" * LONGEST_ADDRESS,
    ],
)
def test_what_leads_to_no_page_is_counted_and_left_out(address: str) -> None:
    assert not is_web_address(address)
    assert found((address, "A"), ("https://b.example", "B")) == [
        events.Unrecognised(NO_ADDRESS),
        events.Grounding((), (events.Source("https://b.example", "B"),)),
    ]
    assert read((address, SUCCESS)) == [events.Unrecognised(NO_ADDRESS)]


def test_of_the_pages_that_were_to_be_read_those_count_that_were() -> None:
    assert read(
        ("https://a.example", SUCCESS),
        ("https://b.example", PAYWALL),
        ("https://c.example", None),
        (None, SUCCESS),
    ) == [events.Grounding((), (events.Source("https://a.example", "https://a.example"),))]
    assert read(("https://b.example", PAYWALL)) == []


def test_more_than_anybody_reads_is_cut() -> None:
    many = [(f"https://a.example/{number}", "T" * 1_000) for number in range(MOST_SOURCES + 5)]
    odd, grounding = found(*many, queries=("q" * 1_000,) * (MOST_QUERIES + 5))
    assert odd == events.Unrecognised(TOO_MANY)
    assert isinstance(grounding, events.Grounding)
    assert len(grounding.sources) == MOST_SOURCES
    assert {len(source.title) for source in grounding.sources} == {LONGEST_TITLE}
    assert [len(query) for query in grounding.queries] == [LONGEST_TITLE] * MOST_QUERIES


@given(st.lists(st.tuples(st.none() | st.text(), st.none() | st.text())))
def test_whatever_comes_a_source_is_a_web_address_with_a_name(
    pages: list[tuple[str | None, str | None]],
) -> None:
    for event in found(*pages):
        if isinstance(event, events.Grounding):
            assert all(is_web_address(source.uri) and source.title for source in event.sources)


@given(st.text(), st.sampled_from(["http", "https", "HTTPS"]))
def test_no_address_raises_and_what_is_one_begins_like_one(text: str, scheme: str) -> None:
    for address in (text, f"{scheme}://{text}"):
        if is_web_address(address):
            assert address.lower().startswith(("http://", "https://"))
