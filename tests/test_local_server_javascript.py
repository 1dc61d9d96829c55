"""A conversation of the JavaScript SDK with the local server: the other half of its users.

It sends camel case and the standard base64 alphabet, brings its key in the query, and talks plain
HTTP where the base URL says so. `npm install` in tests/js brings the SDK.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from local_speech import user_says

from voicecli.local.script_file import load
from voicecli.local.server import LiveServer

FOLDER = Path(__file__).parent / "js"
DEADLINE_S = 60

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "@google" / "genai").exists(),
        reason="the JavaScript SDK is not installed (npm install in tests/js)",
    ),
]


def run_script(name: str, *arguments: str, sound: bytes = b"") -> Any:
    """What the script `name` prints at the end of its conversation, without any violation."""

    async def run() -> bytes:
        server = LiveServer(load(None), tls=None, speed=50.0)
        async with asyncio.timeout(DEADLINE_S), server:
            node = await asyncio.create_subprocess_exec(
                "node",
                str(FOLDER / name),
                server.base_url,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                out, err = await node.communicate(sound)
            finally:
                if node.returncode is None:
                    node.kill()
            assert node.returncode == 0, err.decode()
            assert not server.violations
            return out

    return json.loads(asyncio.run(run()))


def converse(key: str, sound: bytes) -> Any:
    """What the SDK received in the conversation of `conversation.mjs`."""
    return run_script("conversation.mjs", key, sound=sound)


def test_the_javascript_sdk_gives_partial_results_in_the_background() -> None:
    silence, runs, over, thanks, _ = run_script("tools.mjs")
    assert silence == ""
    assert runs == "The tea timer runs until 10:05."
    assert over == "The tea timer is over."
    assert thanks == "You are welcome."


def test_the_javascript_sdk_holds_a_conversation_with_a_tool_call() -> None:
    received = converse("any-key", b"")
    hello, time = received["words"]
    assert hello.startswith("Hello!")
    assert time == "It is 14:05."
    assert received["toolCalls"] == [{"name": "current_time", "args": {}}]
    assert received["audioBytes"] > 24_000
    assert len(received["usage"]) == 2
    assert received["closed"] is not None


def test_the_javascript_sdk_uses_ephemeral_tokens() -> None:
    assert converse("auth_tokens/abc", b"")["words"][0].startswith("Hello!")


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_the_javascript_sdk_can_speak() -> None:
    received = converse("any-key", user_says("tell me about the sea"))
    assert received["userWords"]
    assert received["words"][2]
