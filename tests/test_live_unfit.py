"""What a model does not have is refused before anything is sent, and what has it is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import ExitCode, UsageError
from voicecli.live.models import (
    DEFAULT_MODEL,
    LEVELS,
    MODELS,
    TRANSCRIPTION_MODEL,
    model_or_unknown,
)
from voicecli.live.setup import Setup
from voicecli.live.unfit import read_thinking, unfit

EXTENDED = "gemini-3.8-live-extended-thinking"
FLASH_31 = "gemini-3.1-flash-live-preview"
FLASH_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
UNKNOWN = "gemini-live-2.5-flash-preview"
NAMES = [model.name for model in MODELS]

SETUPS = st.builds(
    Setup,
    st.sampled_from([*NAMES, UNKNOWN]),
    search=st.booleans(),
    code=st.booleans(),
    url_context=st.booleans(),
    thoughts=st.booleans(),
    thinking=st.none() | st.sampled_from(LEVELS) | st.integers(-1, 100_000),
)


def refusal(setup: Setup) -> UsageError:
    error = unfit(setup)
    assert error is not None
    assert error.exit_code is ExitCode.USAGE
    return error


@pytest.mark.parametrize("model", NAMES)
def test_the_least_setup_fits_every_model(model: str) -> None:
    assert unfit(Setup(model)) is None


@pytest.mark.parametrize(
    ("flag", "setup"),
    [
        ("--code", Setup(DEFAULT_MODEL, code=True)),
        ("--url-context", Setup(DEFAULT_MODEL, url_context=True)),
    ],
)
def test_what_no_model_of_the_table_has_is_refused_and_left_to_one_that_is_not_in_it(
    flag: str, setup: Setup
) -> None:
    for name in NAMES:
        error = refusal(replace(setup, model=name))
        assert name in error.what
        assert "none of the models in the table" in error.why
        assert "not in the table is asked all the same" in error.why
        assert flag in error.hint
    assert unfit(replace(setup, model=UNKNOWN)) is None


def test_search_is_refused_for_the_model_that_only_writes_down_and_the_others_are_listed() -> None:
    error = refusal(Setup(TRANSCRIPTION_MODEL, search=True))
    for name in (DEFAULT_MODEL, EXTENDED, FLASH_31, FLASH_25):
        assert name in error.why
        assert unfit(Setup(name, search=True)) is None
    assert error.hint == f"add: --model {DEFAULT_MODEL}, or leave out --search"


@pytest.mark.parametrize(
    ("flag", "setup"),
    [
        ("--thoughts", Setup(DEFAULT_MODEL, thoughts=True)),
        ("--thinking", Setup(DEFAULT_MODEL, thinking="LOW")),
        ("--thinking", Setup(DEFAULT_MODEL, thinking=0)),
    ],
)
def test_a_model_whose_thinking_is_its_own_affair_is_not_asked_for_it(
    flag: str, setup: Setup
) -> None:
    error = refusal(setup)
    assert flag in error.hint
    for name in (EXTENDED, FLASH_31, FLASH_25):
        assert name in error.why


@pytest.mark.parametrize(
    ("model", "thinking", "hint"),
    [
        (EXTENDED, "MINIMAL", "--thinking low"),
        (EXTENDED, 512, "--thinking low"),
        (FLASH_31, "XHIGH", "--thinking minimal"),
        (FLASH_31, -1, "--thinking minimal"),
        (FLASH_25, "LOW", "--thinking 1024"),
    ],
)
def test_thinking_that_is_not_measured_in_the_way_of_the_model_is_refused(
    model: str, thinking: str | int, hint: str
) -> None:
    error = refusal(Setup(model, thinking=thinking))
    assert str(thinking).lower() in error.what
    assert hint in error.hint


@pytest.mark.parametrize(
    ("model", "thinking"),
    [(EXTENDED, "MEDIUM"), (FLASH_31, "MINIMAL"), (FLASH_25, 0), (FLASH_25, -1)],
)
def test_thinking_in_the_way_of_the_model_fits(model: str, thinking: str | int) -> None:
    assert unfit(Setup(model, thinking=thinking, thoughts=True)) is None


@given(SETUPS)
def test_what_fits_is_what_the_model_has_and_a_hint_always_helps(setup: Setup) -> None:
    model, error = model_or_unknown(setup.model), unfit(setup)
    wishes = (
        (setup.search, model.searches),
        (setup.code, model.runs_code),
        (setup.url_context, model.reads_urls),
        (setup.thoughts or setup.thinking is not None, model.thinks),
    )
    if any(wished and not has for wished, has in wishes):
        assert error is not None
    if error is not None:
        assert setup.model != UNKNOWN
        assert error.why
        assert "--" in error.hint


@pytest.mark.parametrize(
    ("text", "thinking"),
    [("low", "LOW"), (" XHigh ", "XHIGH"), ("0", 0), ("-1", -1), ("1_024", 1024), ("2048", 2048)],
)
def test_thinking_is_read_as_a_level_or_a_number(text: str, thinking: str | int) -> None:
    assert read_thinking(text) == thinking


@pytest.mark.parametrize("text", ["", "much", "-2", "1.5", "low high"])
def test_what_is_no_measure_of_thinking_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_thinking(text)
    assert "--thinking" in caught.value.hint


@given(st.text(max_size=12))
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    try:
        thinking = read_thinking(text)
    except UsageError:
        return
    assert thinking in LEVELS or (isinstance(thinking, int) and thinking >= -1)
