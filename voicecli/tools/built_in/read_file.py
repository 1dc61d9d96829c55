"""Files of text, under folders that the user allowed.

It asks nobody: naming the folders was the user's permission, and who is asked for each file of a
folder of notes soon presses the key without looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from voicecli.tools.built_in.allowed_files import find, names_in, text_in
from voicecli.tools.declare import tool
from voicecli.tools.tool import ArgumentsError, Tool

# Leaves room in a result for what JSON adds.
MAX_TEXT_CHARACTERS = 12_000


def read_file_tool(folders: Sequence[Path]) -> Tool:
    """The tool, for files under `folders`."""
    allowed = tuple(folders)

    @tool
    def read_file(path: str = ".", first_line: int = 1) -> dict[str, object]:
        """Reads a file of text, or lists a folder, under the folders that the user allowed.

        Args:
            path: The file or folder; a dot for what is allowed.
            first_line: Where to begin in a long file; a note tells where the last piece ended.
        """
        if path == "." and len(allowed) > 1:
            return {"folders": [str(folder) for folder in allowed]}
        place = find(path, allowed)
        names = names_in(place)
        if names is not None:
            return {"folder": str(place.path), "names": names}
        content = text_in(place)
        piece, note = page(content.text, first_line, is_cut=content.is_cut)
        result: dict[str, object] = {"file": str(place.path), "text": piece}
        return {**result, "note": note} if note else result

    return read_file


def page(text: str, first_line: int, *, is_cut: bool) -> tuple[str, str]:
    """The lines from `first_line` on that fit into a result, and a note on what is left out.

    `is_cut` if the file goes on after `text`. Raises ArgumentsError for a line that is not there.
    """
    lines = text.splitlines(keepends=True)
    if not 1 <= first_line <= max(1, len(lines)):
        raise ArgumentsError(f"first_line is from 1 to {max(1, len(lines))}")
    end, size = first_line - 1, 0
    while end < len(lines) and size + len(lines[end]) <= MAX_TEXT_CHARACTERS:
        size += len(lines[end])
        end += 1
    piece = "".join(lines[first_line - 1 : end])
    if end < len(lines) and not piece:
        piece = lines[end][:MAX_TEXT_CHARACTERS]
        end += 1
        return piece, f"line {end} of {len(lines)}, cut; go on with first_line={end + 1}"
    if end < len(lines):
        return (
            piece,
            f"lines {first_line} to {end} of {len(lines)}; go on with first_line={end + 1}",
        )
    return piece, "the file goes on, but no further is read" if is_cut else ""
