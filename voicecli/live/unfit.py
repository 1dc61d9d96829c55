"""What the user chose and the model does not have, found before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Callable

from voicecli.errors import UsageError
from voicecli.live.models import LEVELS, MODELS, LiveModel, model_or_unknown
from voicecli.live.setup import Setup

# As much as the model likes (google-genai, ThinkingConfig.thinking_budget); 0 is not at all.
AUTOMATIC_TOKENS = -1

UNCHECKED = "a model that is not in the table is asked all the same"


def read_thinking(text: str) -> str | int:
    """How much to think, as `Setup.thinking` has it: a level's name, or a number of tokens.

    Raises UsageError for what is neither.
    """
    word = text.strip().upper()
    if word in LEVELS:
        return word
    try:
        tokens = int(word)
    except ValueError:
        tokens = AUTOMATIC_TOKENS - 1
    if tokens < AUTOMATIC_TOKENS:
        raise UsageError(
            f"{text!r} is no measure of thinking",
            why=f"it is a level ({_names(LEVELS)}) or a number of tokens (0: none, -1: any)",
            hint="give one of these, such as: --thinking low",
        )
    return tokens


def unfit(setup: Setup) -> UsageError | None:
    """What is wrong with `setup` for its model, to be raised by whoever built it; None: nothing.

    A model that is not in the table may have anything.
    """
    model = model_or_unknown(setup.model)
    wishes: tuple[tuple[bool, str, str, Callable[[LiveModel], bool]], ...] = (
        (setup.search, "--search", "does not search", lambda one: one.searches),
        (setup.code, "--code", "runs no code", lambda one: one.runs_code),
        (setup.url_context, "--url-context", "reads no pages", lambda one: one.reads_urls),
        (setup.thoughts, "--thoughts", "tells no thoughts", lambda one: one.thinks),
        (
            setup.thinking is not None,
            "--thinking",
            "lets no thinking be set",
            lambda one: one.thinks,
        ),
    )
    for wished, flag, lacks, has in wishes:
        if wished and not has(model):
            return _lacking(model, flag, lacks, [one.name for one in MODELS if has(one)])
    return None if setup.thinking is None else _unfit_thinking(model, setup.thinking)


def _lacking(model: LiveModel, flag: str, lacks: str, others: list[str]) -> UsageError:
    if not others:
        why = f"none of the models in the table does; {UNCHECKED}"
        return UsageError(f"{model.name} {lacks}", why=why, hint=f"leave out {flag}")
    return UsageError(
        f"{model.name} {lacks}",
        why=f"those that {flag} is for: {', '.join(others)}",
        hint=f"add: --model {others[0]}, or leave out {flag}",
    )


def _unfit_thinking(model: LiveModel, thinking: str | int) -> UsageError | None:
    if thinking in model.levels or (isinstance(thinking, int) and model.takes_budget):
        return None
    if model.levels:
        levels, example = _names(model.levels), model.levels[0].lower()
        takes = f"it takes a level: {levels}"
    else:
        takes, example = "it takes a number of tokens (0: none, -1: any)", "1024"
    shown = str(thinking).lower()
    what = f"{model.name} does not take {shown} as its thinking"
    return UsageError(what, why=takes, hint=f"give another, such as: --thinking {example}")


def _names(levels: tuple[str, ...]) -> str:
    return ", ".join(level.lower() for level in levels)
