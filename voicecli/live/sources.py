"""The pages that an answer rests on: web addresses only, and no more than anybody reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voicecli.live import events

if TYPE_CHECKING:
    from google.genai import types

# Google's search gives about ten of each.
MOST_SOURCES = 50
MOST_QUERIES = 20
# Addresses that lead on through Google have some hundred characters; browsers take about 2,000.
LONGEST_ADDRESS = 2_000
LONGEST_TITLE = 300

NO_ADDRESS = "source without a web address"
TOO_MANY = "more sources than anybody reads"


def searched(found: types.GroundingMetadata) -> Iterator[events.LiveEvent]:
    """The searches behind an answer, and the pages that they found."""
    pages = [chunk.web for chunk in found.grounding_chunks or () if chunk.web is not None]
    queries = [query[:LONGEST_TITLE] for query in found.web_search_queries or ()]
    named = [(page.uri, page.title or "") for page in pages if page.uri]
    return _grounding(queries, named)


def read_pages(context: types.UrlContextMetadata) -> Iterator[events.LiveEvent]:
    """The pages that were read for an answer; one that could not be had is none of them."""
    named = [
        (page.retrieved_url, "")
        for page in context.url_metadata or ()
        if page.retrieved_url and _was_had(page)
    ]
    return _grounding([], named)


def _was_had(page: types.UrlMetadata) -> bool:
    status = page.url_retrieval_status
    return status is not None and status.value == "URL_RETRIEVAL_STATUS_SUCCESS"


def _grounding(queries: list[str], named: Iterable[tuple[str, str]]) -> Iterator[events.LiveEvent]:
    sources: dict[str, events.Source] = {}
    for address, title in named:
        if not is_web_address(address):
            yield events.Unrecognised(NO_ADDRESS)
        elif address not in sources:
            sources[address] = events.Source(address, title[:LONGEST_TITLE].strip() or address)
    if len(sources) > MOST_SOURCES:
        yield events.Unrecognised(TOO_MANY)
    kept = tuple(sources.values())[:MOST_SOURCES]
    if kept or queries:
        yield events.Grounding(tuple(queries[:MOST_QUERIES]), kept)


def is_web_address(address: str) -> bool:
    """Whether `address` leads to a page on the web: http or https, a host, nothing hidden."""
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
