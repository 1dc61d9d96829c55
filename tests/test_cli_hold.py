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
