"""Foreign text made harmless: what could steer a terminal or hide in a line becomes visible.

Words of the model, arguments and results of tools, names of pages: none of them may move the
cursor, set a colour, reverse the reading direction or hide. The result is for showing, not for
keeping; JSON lines keep the text itself.
"""

from __future__ import annotations

import re

TAB_SPACES = "    "
NEWLINE_SIGN = "↵"

# Controls but tab and newline, invisible format characters, bidi embeddings and isolates,
# separators of lines, lone surrogates, tags and further variation selectors (which smuggle text).
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u115f\u1160\u180e\u200b\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff"
)
# Joiners are part of words in Persian and Hindi and of emoji, and only there.
_UNSAFE = re.compile(rf"[{_HIDDEN}]|(?<![^\x00-\x7f\u200c\u200d{_HIDDEN}])[\u200c\u200d]")
_BLANKS = re.compile(r"[ \t\r\n]+")


def visible(text: str) -> str:
    """`text` with newlines kept, tabs as spaces and all other control characters visible."""
    unified = text.replace("\r\n", "\n").replace("\t", TAB_SPACES)
    return _UNSAFE.sub(_name, unified)


def one_line(text: str) -> str:
    """`text` as one line: runs of blanks and newlines become one space."""
    return _UNSAFE.sub(_name, _BLANKS.sub(" ", text).strip(" "))


def _name(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
