"""The Live API's voice names as variants of eSpeak, so that different names sound different."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    """What makes a voice: one of eSpeak's variants, and its pitch from 0 to 100."""

    variant: str
    pitch: int


_HIGHER_NAMES = (
    "Kore",
    "Zephyr",
    "Leda",
    "Aoede",
    "Callirrhoe",
    "Autonoe",
    "Despina",
    "Erinome",
    "Laomedeia",
    "Achernar",
    "Gacrux",
    "Pulcherrima",
    "Vindemiatrix",
    "Sulafat",
)
_LOWER_NAMES = (
    "Puck",
    "Charon",
    "Fenrir",
    "Orus",
    "Enceladus",
    "Iapetus",
    "Umbriel",
    "Algieba",
    "Algenib",
    "Rasalgethi",
    "Alnilam",
    "Schedar",
    "Achird",
    "Zubenelgenubi",
    "Sadachbia",
    "Sadaltager",
)
_HIGHER_VARIANTS = ("f2", "f3", "f1", "f4", "f5", "linda", "steph", "belinda")
_LOWER_VARIANTS = ("m3", "m1", "m7", "m2", "m4", "m8", "adam", "michael")
# eSpeak's default is 50; the second round through the variants is spoken at another pitch.
_PITCHES = (50, 70)


def _sounds(names: tuple[str, ...], variants: tuple[str, ...]) -> dict[str, Sound]:
    count = len(variants)
    return {name: Sound(variants[i % count], _PITCHES[i // count]) for i, name in enumerate(names)}


SOUNDS = _sounds(_HIGHER_NAMES, _HIGHER_VARIANTS) | _sounds(_LOWER_NAMES, _LOWER_VARIANTS)


def sound_of(voice_name: str) -> Sound:
    """How `voice_name` sounds; a name that is not known sounds like Kore."""
    return SOUNDS.get(voice_name, SOUNDS["Kore"])
