"""What a server's function gave, as the model is told it: text or JSON, limited. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from voicecli.errors import VoicecliError
from voicecli.tools.tool import LARGEST_RESULT_CHARACTERS

# Addresses, names and kinds of a server's making; the longest that still says something.
LONGEST_NAME_CHARACTERS = 300


class ToolError(VoicecliError):
    """The server's function failed, and said so; the message is for the model."""


def result_of(answer: CallToolResult) -> object:
    """The result for the model: what `answer` has as JSON if there is that, else its text.

    Images, sound and files become a note. Raises ToolError if the function failed.
    """
    if answer.is_error:
        raise ToolError(_joined(_texts(answer.content)) or "it failed, and did not say why")
    if answer.structured_content is None:
        return _joined(_texts(answer.content))
    # Next to JSON the text says the same once more (MCP 2025-06-18, "Structured Content").
    others = [block for block in answer.content if not isinstance(block, TextContent)]
    written = _json(answer.structured_content)
    if others or len(written) > LARGEST_RESULT_CHARACTERS:
        return _joined(iter([written, *_texts(others)]))
    return answer.structured_content


def _texts(blocks: Sequence[ContentBlock]) -> Iterator[str]:
    for block in blocks:
        match block:
            case TextContent():
                yield block.text
            case ImageContent():
                yield _left_out("an image", block.data)
            case AudioContent():
                yield _left_out("a sound", block.data)
            case ResourceLink():
                title = _short(block.title or block.name)
                yield f"[{title}: {_short(block.uri)}]"
            case EmbeddedResource(resource=BlobResourceContents() as blob):
                yield _left_out(f"the file {_short(blob.uri)}", blob.blob)
            case EmbeddedResource(resource=TextResourceContents() as file):
                yield f"[{_short(file.uri)}]"
                yield file.text


def _left_out(what: str, base64_text: str) -> str:
    size_kb = -(-len(base64_text) * 3 // 4 // 1000)
    return f"[{what} of {size_kb} kB was left out]"


def _short(text: str) -> str:
    return " ".join(text[:LONGEST_NAME_CHARACTERS].split())


def _joined(texts: Iterator[str]) -> str:
    """`texts` one below the other; what is too much is not even copied."""
    taken: list[str] = []
    left = LARGEST_RESULT_CHARACTERS
    for text in texts:
        if left <= 0:
            taken.append("… (cut: there was more)")
            break
        short = text[:left]
        taken.append(short if len(short) == len(text) else f"{short} … (cut: there was more)")
        left -= len(text) + 1
    return "\n".join(taken)


def _json(value: object) -> str:
    """`value` as JSON, or a bit more than fits of it."""
    written: list[str] = []
    size = 0
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        written.append(piece)
        size += len(piece)
        if size > LARGEST_RESULT_CHARACTERS:
            break
    return "".join(written)
