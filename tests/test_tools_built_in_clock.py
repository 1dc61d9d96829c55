"""The model can tell the time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from voicecli.tools.built_in.clock import current_time, local_now
from voicecli.tools.runner import run
from voicecli.tools.tool import Risk


def test_the_time_is_that_of_the_user() -> None:
    before = local_now().replace(second=0, microsecond=0)
    result = asyncio.run(run(current_time, {}, lambda result: None)).result
    assert isinstance(result, dict)
    told = datetime.fromisoformat(f"{result['date']} {result['time']}").astimezone()
    assert before <= told <= before + timedelta(minutes=2)
    assert result["weekday"] == told.strftime("%A")
    assert result["zone"]


def test_it_asks_nobody() -> None:
    assert current_time.risk is Risk.SAFE
