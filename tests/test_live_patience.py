"""Patience is one choice for a person, and several fields for the service: they must agree."""

from __future__ import annotations

from pathlib import Path

from voicecli.live.patience import Patience, end_of_speech
from voicecli.settings import FIELDS, Settings
from voicecli.settings.values import Place


def test_normal_leaves_everything_to_the_service() -> None:
    assert end_of_speech(Patience.NORMAL) is None


def test_more_patience_waits_longer_and_takes_less_for_silence() -> None:
    low, high = end_of_speech(Patience.LOW), end_of_speech(Patience.HIGH)
    assert low is not None
    assert high is not None
    assert low.silence_duration_ms < 1000 < high.silence_duration_ms
    assert low.eager
    assert not high.eager


def test_the_setting_knows_every_patience_and_no_other() -> None:
    field = FIELDS["patience"]
    for patience in Patience:
        assert field.kind.parse(patience.value, Place(Path())) == patience
    assert field.kind.expects == "low, normal or high"
    assert Patience(Settings().patience) is Patience.NORMAL
