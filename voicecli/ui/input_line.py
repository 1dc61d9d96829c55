"""Typing a message: a line with a cursor, and what each key does to it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from voicecli.ui.action import Action, Send
from voicecli.ui.keys import Key

# A message is said aloud or pasted by hand; a file belongs into `--text @FILE`.
MAX_CHARS = 20_000

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class InputLine:
    """`text` with the cursor before `text[cursor]`."""

    text: str = ""
    cursor: int = 0

    def insert(self, typed: str) -> InputLine:
        """Put `typed` in at the cursor; of control characters only newlines and tabs stay."""
        clean = "".join(char for char in _unified(typed) if _kept(char))
        clean = clean[: MAX_CHARS - len(self.text)]
        text = self.text[: self.cursor] + clean + self.text[self.cursor :]
        return InputLine(text, self.cursor + len(clean))

    def erase_to(self, start: int) -> InputLine:
        """Take out what lies between the cursor and `start`, on either side."""
        first, last = sorted((start, self.cursor))
        return InputLine(self.text[:first] + self.text[last:], first)

    def at(self, cursor: int) -> InputLine:
        """The same text with the cursor elsewhere."""
        return replace(self, cursor=cursor)

    @property
    def left(self) -> int:
        """The place one character, as people count them, before the cursor."""
        at = max(self.cursor - 1, 0)
        while at > 0 and _joined(self.text, at):
            at -= 1
        return at

    @property
    def right(self) -> int:
        """The place one character, as people count them, after the cursor."""
        at = min(self.cursor + 1, len(self.text))
        while at < len(self.text) and _joined(self.text, at):
            at += 1
        return at

    @property
    def word_left(self) -> int:
        """Where the word before the cursor begins."""
        before = self.text[: self.cursor].rstrip()
        return len(before) - len(before.split()[-1]) if before else 0

    @property
    def word_right(self) -> int:
        """Where the word after the cursor ends."""
        after = self.text[self.cursor :]
        words = after.split(maxsplit=1)
        end = len(after) - len(after.lstrip()) + len(words[0]) if words else len(after)
        return self.cursor + end


def edit(line: InputLine, key: Key) -> tuple[InputLine | None, Action | None]:
    """What `key` does while a message is typed."""
    match key.name:
        case "esc":
            return None, None
        case "enter":
            text = line.text.strip()
            return None, Send(text) if text else None
        case "hangup":
            return None, "quit"
        case "char" | "paste":
            return line.insert(key.text), None
        case _:
            return _moved(line, key.name), None


def _moved(line: InputLine, name: str) -> InputLine:
    end = len(line.text)
    match name:
        case "backspace":
            return line.erase_to(line.left)
        case "delete" | "ctrl-d":
            return line.erase_to(line.right)
        case "ctrl-u":
            return line.erase_to(0)
        case "ctrl-k":
            return line.erase_to(end)
        case "ctrl-w" | "alt-backspace":
            return line.erase_to(line.word_left)
        case "left" | "ctrl-b":
            return line.at(line.left)
        case "right" | "ctrl-f":
            return line.at(line.right)
        case "home" | "ctrl-a":
            return line.at(0)
        case "end" | "ctrl-e":
            return line.at(end)
        case "ctrl-left" | "alt-b":
            return line.at(line.word_left)
        case "ctrl-right" | "alt-f":
            return line.at(line.word_right)
        case _:
            return line


def _unified(typed: str) -> str:
    return typed.replace("\r\n", "\n").replace("\r", "\n")


def _kept(char: str) -> bool:
    return (
        char.isprintable()
        or char in ("\n", "\t", _JOINER, _NON_JOINER)
        or unicodedata.category(char) == "Zs"
    )


def _joined(text: str, at: int) -> bool:
    """Whether `text[at]` belongs to the character before it: an accent, a joined emoji."""
    char = text[at]
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char == _JOINER
        or text[at - 1] == _JOINER
        or ord(char) in _SKIN_TONES
    )
