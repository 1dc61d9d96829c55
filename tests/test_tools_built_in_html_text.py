"""Of a page come the words that a person would read, whatever state it is in, and soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.html_text import MAX_TAGS, readable

# A page of the largest size, on a busy machine.
SOON_S = 10.0
PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "</",
            "<!--",
            "-->",
            "<p",
            "<p>",
            "</p>",
            "<script>",
            "</script",
            "<style>",
            "=",
        ),
        *("<title>", "</title>", '"', "'", '="', "<a href='", "&", "&#", "&#x", "&amp;", "&#99999"),
        *("9" * 20, "<![CDATA[", "]]>", "<?", "<br/>", "word", " ", "\n", "é", "\x00", "<svg/>"),
    ]
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<BR/>Three", "One\nTwo\nThree"),
        ("a <b>b</b>old\n  word", "a bold\nword"),
        ("<ul><li>milk</li><li>bread</ul>", "- milk\n- bread"),
        ("<table><tr><td>1<td>2</tr><tr><th>3</table>", "1 2\n3"),
        ("fish &amp; chips &lt;b&gt; &#8364; &#x20AC;", "fish & chips <b> € €"),
        ("a < b and c > d", "a < b and c > d"),
        ("before<!-- <p>no</p> -->after", "beforeafter"),
        ("<!DOCTYPE html><?xml x?>x", "x"),
        ("<script>if (a < b) '</p>'</script>x<STYLE>p{}</Style >y", "xy"),
        ("<svg><title>icon</title><text>no</text></svg>x", "x"),
        ("<svg/>x", "x"),
        ("<noscript>Turn it on</noscript>x", "x"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ("<a title='x\">y' z>link</a>", "link"),
        ("<p don't>it's</p>", "it's"),
        ("<select><option>1</select>x", "x"),
        ("<scripted>x", "x"),
        ("soft\xadhyphen", "softhyphen"),
        ("&#" + "9" * 5_000 + ";x", "\ufffdx"),
        ("<p>cut <a hre", "cut"),
        ("x<script>never closed", "x"),
        ("x<!-- never closed", "x"),
        ('x<a title="never closed>y', "xy"),
        ("", ""),
    ],
)
def test_its_words_come_in_order(source: str, text: str) -> None:
    assert readable(source).text == text


def test_of_a_page_of_nothing_but_tags_the_begin_is_read() -> None:
    text = readable("<p>x" * (MAX_TAGS + 10)).text
    assert len(text.splitlines()) in range(MAX_TAGS - 1, MAX_TAGS + 1)


def test_its_title_is_no_part_of_the_text() -> None:
    page = readable("<html><head><title>\n A &amp; B </title></head><body>x</body></html>")
    assert (page.title, page.text) == ("A & B", "x")


def test_the_first_title_counts() -> None:
    assert readable("<title>one</title><title>two</title>x").title == "one"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<!--",
            "<a ",
            "<a='",
            '<a="',
            "<![CDATA[",
            "&#",
            "&#9",
            "</",
            "<!",
            "<",
            "<script>",
            "<svg>",
        ),
        *("<title>", "<a x=\"'>", "</script", "= ", "<p>", "&", "\n", "<a href='x' "),
    ],
)
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    source = piece * (1_000_000 // len(piece))
    began_s = time.perf_counter()
    readable(source)
    assert time.perf_counter() - began_s < SOON_S


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join)))
def test_whatever_comes_is_read(source: str) -> None:
    page = readable(source)
    assert all(line == " ".join(line.split()) and line for line in page.text.splitlines())


@given(st.lists(st.text("abcdefgh ", min_size=1).filter(str.strip), max_size=8))
def test_no_word_is_lost(paragraphs: list[str]) -> None:
    source = "".join(f"<p class='x'>{paragraph}</p>" for paragraph in paragraphs)
    expected = [" ".join(paragraph.split()) for paragraph in paragraphs]
    assert readable(source).text.splitlines() == expected
