"""A headset that is plugged in during a conversation can be found, and what plays is left alone.

PortAudio itself sees it only when everything is closed. Real PyAudio on a virtual sound card, in a
process of its own (`sound_child.py`); a new ALSA device stands for the headset.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sound_processes import child, next_report

from bench.virtual_audio import VirtualAudio, missing_tool

HEADSET = """
pcm.headset {
    type pulse
    hint { show on  description "Headset" }
}
"""

pytestmark = pytest.mark.skipif(
    missing_tool() is not None, reason=f"needs {missing_tool()} for a virtual sound card"
)


def test_a_device_that_comes_later_is_seen_from_outside_while_another_one_is_open() -> None:
    with VirtualAudio() as card, child(card, "look") as process:
        assert next_report(process) == {"known": ["default"]}
        with Path(card.environment["ALSA_CONFIG_PATH"]).open("a") as config:
            config.write(HEADSET)
        assert process.stdin is not None
        process.stdin.write("go on\n")
        process.stdin.flush()
        while_open, closed = next_report(process), next_report(process)
    assert while_open["known"] == ["default"]
    assert sorted(while_open["look"]) == ["default", "headset"]
    assert closed["known"] == closed["look"] == while_open["look"]
