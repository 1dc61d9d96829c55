"""`--json`: a line for each event, at once, in the stream's encoding."""

from __future__ import annotations

import asyncio
import io
import json

from ui_controls import Recorder
from ui_events import SAMPLES

from voicecli.talk import events as talk
from voicecli.talk.event_json import TYPES
from voicecli.ui.json_lines import JsonView


def test_a_stream_that_is_not_utf8_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252")
    JsonView(stream).show(talk.Noted(0, "日é"))
    assert raw.getvalue().isascii()
    assert json.loads(raw.getvalue())["message"] == "日é"


def test_the_view_writes_a_line_for_each_event_and_serves_nothing() -> None:
    out = io.StringIO()
    view = JsonView(out)
    for event in SAMPLES:
        view.show(event)
    asyncio.run(view.run(Recorder()))
    view.close()
    view.close()
    assert [json.loads(line)["type"] for line in out.getvalue().splitlines()] == list(
        TYPES.values()
    )
