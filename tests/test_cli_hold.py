"""What a conversation asks of the service follows from the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecli.cli.hold import Wish, conversation_setup
from voicecli.errors import UsageError
from voicecli.live.setup import Compression, Setup
from voicecli.settings import resolve


def setup_of(folder: Path, text: str) -> Setup:
    user_file = folder / "config.toml"
    user_file.write_text(text)
    resolved = resolve({}, env={}, cwd=folder, user_file=user_file, profile=None)
    return conversation_setup(Wish(resolved, None))


def test_a_session_outlasts_fifteen_minutes_unless_the_user_wants_otherwise(
    tmp_path: Path,
) -> None:
    assert setup_of(tmp_path, "").compression == Compression(64_000, 32_000)
    text = "context_compression = { trigger_tokens = 9000, target_tokens = 0 }"
    assert setup_of(tmp_path, text).compression == Compression(9_000, 0)
    assert setup_of(tmp_path, "context_compression.trigger_tokens = 0").compression is None


def test_more_cannot_be_kept_than_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="less than") as caught:
        setup_of(tmp_path, "context_compression.trigger_tokens = 32000")
    assert caught.value.hint


def test_what_the_service_does_for_the_model_comes_from_the_settings(tmp_path: Path) -> None:
    setup = setup_of(tmp_path, "search = true")
    assert (setup.search, setup.code, setup.url_context) == (True, False, False)
    text = 'model = "some-other"\ncode = true\nurl_context = true\nthoughts = true\nthinking = 512'
    other = setup_of(tmp_path, text)
    assert (other.code, other.url_context, other.thoughts) == (True, True, True)
    assert other.thinking == 512


@pytest.mark.parametrize("text", ["code = true", "url_context = true", 'thinking = "low"'])
def test_what_the_model_does_not_have_is_refused_before_anything_is_sent(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(UsageError, match=r"gemini-3\.8-live") as caught:
        setup_of(tmp_path, text)
    assert caught.value.hint


def test_thinking_is_a_level_or_a_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no measure of thinking"):
        setup_of(tmp_path, 'thinking = "much"')
