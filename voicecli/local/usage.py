"""Tokens of one turn, counted so that they are plausible: the real tokeniser is Google's own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from voicecli.local.server_frames import Frame

# ai.google.dev/gemini-api/docs/tokens: a second of sound is 25 tokens in the Live API, 4 characters
# are about one.
AUDIO_TOKENS_PER_S = 25
CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class TurnUsage:
    """What went in and came out in one turn; the prompt's text includes the conversation so far."""

    heard_s: float = 0.0
    prompt_characters: int = 0
    spoken_s: float = 0.0
    thought_characters: int = 0

    def metadata(self) -> Frame:
        """The `usageMetadata` of the turn; modalities without tokens are left out."""
        prompt = {
            "TEXT": text_tokens(self.prompt_characters),
            "AUDIO": round(self.heard_s * AUDIO_TOKENS_PER_S),
        }
        response = {"AUDIO": round(self.spoken_s * AUDIO_TOKENS_PER_S)}
        thoughts = text_tokens(self.thought_characters)
        counted: Frame = {
            "promptTokenCount": sum(prompt.values()),
            "responseTokenCount": sum(response.values()),
            "totalTokenCount": sum(prompt.values()) + sum(response.values()) + thoughts,
            "promptTokensDetails": _details(prompt),
            "responseTokensDetails": _details(response),
        }
        if thoughts:
            counted["thoughtsTokenCount"] = thoughts
        return counted


def text_tokens(characters: int) -> int:
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def _details(tokens: dict[str, int]) -> list[Frame]:
    return [{"modality": name, "tokenCount": count} for name, count in tokens.items() if count]
