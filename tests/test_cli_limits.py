"""A limit that cannot be kept is refused before anything starts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from voicecli.cli.limits import limits_of
from voicecli.errors import UsageError
from voicecli.live.models import DEFAULT_MODEL
from voicecli.settings import Settings
from voicecli.talk.limits import Limits

SETTINGS = Settings(model=DEFAULT_MODEL)


def test_minutes_become_seconds_and_no_limit_is_none() -> None:
    assert limits_of(None, None, SETTINGS) == Limits()
    assert limits_of(0.5, 2.5, SETTINGS) == Limits(max_cost_usd=0.5, max_s=150)
    assert limits_of(0.5, None, replace(SETTINGS, model=f"models/{DEFAULT_MODEL}")).max_cost_usd


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_is_a_number_above_nothing(value: float) -> None:
    with pytest.raises(UsageError, match="--max-cost must be"):
        limits_of(value, None, SETTINGS)
    with pytest.raises(UsageError, match="--max-minutes must be"):
        limits_of(None, value, SETTINGS)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (replace(SETTINGS, local=True), "costs nothing"),
        (replace(SETTINGS, model="gemini-9-live"), "the price of gemini-9-live is not known"),
        (
            replace(SETTINGS, model="gemini-3.8-live-extended-thinking"),
            "the price of the sound of gemini-3.8-live-extended-thinking is not known",
        ),
    ],
)
def test_a_cost_that_will_not_be_known_cannot_be_limited_but_time_can(
    settings: Settings, why: str
) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        limits_of(1.0, None, settings)
    assert refused.value.hint.startswith("voicecli talk --max-minutes")
    assert limits_of(None, 1.0, settings) == Limits(max_s=60)


def test_a_conversation_with_the_server_on_this_machine_has_tokens_a_limit_and_no_cost() -> None:
    script = ("--text", "hello", "--text", "hello again")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "voicecli", "talk", "--local", "--json", "--no-speaker"),
            *(*script, "--max-minutes", "0.01"),
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    lines = [event["text"] for event in events if event["type"] == "transcript" and event["typed"]]
    assert lines in ([], ["hello"])
    costs = [event["cost_usd"] for event in events if event["type"] == "usage"]
    assert set(costs) <= {None}
    assert events[-1]["reason"] == "the limit of 0.01 minutes is reached"
    assert events[-1]["usage"]["cost_usd"] == (None if costs else 0.0)
    assert events[-1]["prices_as_of"] is None
