"""The words of an HTML page, in the order in which they stand. Pure.

Not with the standard library's parser: some 80 kB of `<!--` keep it busy for more than a minute.
Here each character is looked at a fixed number of times.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

# Several times those of a long article; a page made of nothing else is not read to its end.
MAX_TAGS = 100_000

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,30})")
_QUOTE_OR_END = re.compile(r"""=\s{0,9}["']|>""")
# Whose content is no text of the page.
_SILENT = frozenset(
    {"canvas", "iframe", "math", "noscript", "script", "select", "style", "svg", "template"}
)
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section"),
        *("summary", "table", "tr", "ul"),
    }
)
_CELLS = frozenset({"td", "th"})
# Python refuses to read numbers of thousands of digits; no character has more than seven.
_LONG_REFERENCE = re.compile(r"&#[0-9a-fA-FxX]{9,};?")
_ENDS = {name: re.compile(f"</{name}(?![a-z0-9])", re.IGNORECASE) for name in (*_SILENT, "title")}


@dataclass(frozen=True, slots=True)
class Page:
    """What can be read of a page: lines of words, without blank ones."""

    title: str
    text: str


def readable(source: str) -> Page:
    """The page that `source` describes; whatever it is, something comes of it."""
    return _Reader(source).page()


class _Reader:
    """Goes through a page once, from tag to tag."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._pieces: list[str] = []
        self._title = ""
        self._unclosed: set[str] = set()

    def page(self) -> Page:
        for _ in range(MAX_TAGS):
            if self._at >= len(self._source):
                break
            start = self._source.find("<", self._at)
            if start != self._at:
                end = start if start >= 0 else None
                self._pieces.append(_words(self._source[self._at : end]))
            self._at = self._after_tag(start) if start >= 0 else len(self._source)
        lines = (" ".join(line.split()) for line in "".join(self._pieces).splitlines())
        return Page(self._title, "\n".join(line for line in lines if line not in {"", "-"}))

    def _after_tag(self, start: int) -> int:
        """Take note of the tag that begins at `start`, and return where to go on."""
        if self._source.startswith("<!--", start):
            return self._after("-->", start + 4)
        name = _NAME.match(self._source, start + 1)
        if name is None:
            if self._source[start + 1 : start + 2] in {"!", "?", "/"}:
                return self._after(">", start + 1)
            self._pieces.append("<")  # as in "a < b"
            return start + 1
        tag = name.group(1).lower()
        if tag in _BLOCKS:
            self._pieces.append("\n- " if name.group().lower() == "li" else "\n")
        elif tag in _CELLS:
            self._pieces.append(" ")
        end = self._tag_end(name.end())
        opens = not name.group().startswith("/") and self._source[end - 2 : end] != "/>"
        return self._after_element(tag, end) if opens and tag in _ENDS else end

    def _after_element(self, tag: str, start: int) -> int:
        """Where the element ends whose content begins at `start`; the page's, if it does not."""
        end = _ENDS[tag].search(self._source, start)
        if end is None:
            return len(self._source)
        if tag == "title" and not self._title:
            self._title = " ".join(_words(self._source[start : end.start()]).split())
        return self._after(">", end.end())

    def _tag_end(self, at: int) -> int:
        """Behind the `>` of a tag; one that stands in a quoted value is none."""
        while found := _QUOTE_OR_END.search(self._source, at):
            at = found.end()
            if found.group() == ">":
                return at
            quote = found.group()[-1]
            # Each kind of quote is missed only once, so that a page of them takes no longer.
            close = -1 if quote in self._unclosed else self._source.find(quote, at)
            if close < 0:
                self._unclosed.add(quote)
            else:
                at = close + 1
        return len(self._source)

    def _after(self, mark: str, start: int) -> int:
        found = self._source.find(mark, start)
        return len(self._source) if found < 0 else found + len(mark)


def _words(source: str) -> str:
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", source)).replace("\xad", "")
