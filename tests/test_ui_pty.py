"""The screen on a real pseudo-terminal: what is read on it, and how it is left on every way out.

A child process plays a scripted conversation (ui_conversation.py). Nothing here sleeps: each step
waits for what it expects to see.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("only on POSIX", allow_module_level=True)

from pty_child import PtyChild, on_pty
from ui_conversation import LONG_REPLY, QUESTION, REPLY, SOURCES

SCRIPT = str(Path(__file__).with_name("ui_conversation.py"))
SIZES = [(80, 24), (200, 50), (40, 10)]
LAST_NOTE = "reconnected"


def talking(*options: str) -> list[str]:
    return [sys.executable, SCRIPT, "--pace", "0", *options]


def words(text: str) -> str:
    """`text` with all blanks and line breaks as single spaces."""
    return re.sub(r"\s+", " ", text).strip()


def shows_the_whole_conversation(child: PtyChild) -> None:
    text = words(child.emulator.text)
    assert f"you › {QUESTION}" in text
    assert f"voicecli › {words(REPLY)}" in text
    assert 'get_weather(city="London", days=1) → {"temp_c": 12, "rain": true}' in text
    heard = LONG_REPLY.split(" ")[: len(LONG_REPLY.split(" ")) * 2 // 3 - 1]
    assert f"{' '.join(heard)} [not heard: " in text
    assert "you › Stop, thank you." in text
    assert "! the microphone is silent hint: voicecli devices" in text
    assert "you › ␛[2Jescape \\u202e me" in text
    assert text.count(QUESTION) == 1
    assert text.count("Sentence 7 of") == 1
    assert SOURCES[0].uri in child.emulator.text.replace("\n", "")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_after_a_normal_end_all_that_was_said_is_there_and_the_terminal_restored(
    width: int, height: int
) -> None:
    with on_pty(talking(), width, height) as child:
        child.until_shows(LAST_NOTE)
        child.until_shows("q quit")
        assert not child.echoes
        assert child.emulator.cursor_hidden
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored
        shows_the_whole_conversation(child)
        assert "q quit" not in child.emulator.text
        assert re.fullmatch(r"— 2 turns · \d:\d\d · you left", child.emulator.lines[-1])
        assert child.emulator.cursor == (len(child.emulator.lines), 0)


@pytest.mark.parametrize(
    ("way_out", "code"),
    [
        (lambda child: child.send(b"\x03"), 1),
        (lambda child: child.send(b"\x03\x03"), 1),
        (lambda child: child.process.send_signal(signal.SIGTERM), 130),
        (lambda child: child.process.send_signal(signal.SIGHUP), 130),
        (lambda child: child.send(b"\x04"), 0),
    ],
    ids=["Ctrl-C", "Ctrl-C twice", "SIGTERM", "SIGHUP", "Ctrl-D"],
)
@pytest.mark.parametrize("typing", [False, True], ids=["listening", "typing"])
def test_the_terminal_is_restored(
    way_out: Callable[[PtyChild], None], code: int, typing: bool
) -> None:
    with on_pty(talking()) as child:
        child.until_shows(LAST_NOTE)
        if typing:
            child.send("/héllo".encode())
            child.until_shows("say › héllo")
            if code == 0:
                child.send(b"\x15\x1b")
                child.until_shows("q quit")
        way_out(child)
        assert (child.ended() == 0) is (code == 0)
        assert child.restored
        assert "say ›" not in child.emulator.text
        shows_the_whole_conversation(child)


def test_an_exception_shows_below_the_conversation() -> None:
    with on_pty(talking("--end", "raise")) as child:
        assert child.ended() == 1
        assert child.restored
        shows_the_whole_conversation(child)
        text = child.emulator.text
        assert text.index(LAST_NOTE) < text.index("Traceback") < text.index("scripted failure")
        assert "q quit" not in text


def test_python_restores_the_terminal_if_nobody_else_does() -> None:
    forgetful = (
        "import os, sys\n"
        "from voicecli.talk.events import Noted\n"
        "from voicecli.ui import choose_view\n"
        "view = choose_view(sys.stdin, sys.stdout, sys.stderr, json=False, environ=os.environ)\n"
        "view.show(Noted(0, 'hello'))\n"
        "sys.exit(3)\n"
    )
    with on_pty([sys.executable, "-c", forgetful]) as child:
        assert child.ended() == 3
        assert child.restored
        assert child.emulator.lines == ["· hello"]


def test_a_window_that_is_closed_ends_the_conversation() -> None:
    with on_pty(talking()) as child:
        child.until_shows("q quit")
        os.killpg(child.process.pid, signal.SIGHUP)
        child.ended()
        assert child.restored


def test_keys_reach_the_conversation() -> None:
    with on_pty(talking()) as child:
        child.until_shows("q quit")
        child.send(b"m")
        child.until_shows("MUTED")
        child.until_shows("m unmute")
        child.send(b" ")
        child.until_shows("· interrupt asked for")
        child.send(b"/")
        child.until_shows("enter send")
        child.send("sea and q😀\x7f\x1b[D\x1b[D\x17".encode())
        child.until_shows("say › sea  q")
        child.until(lambda: not child.emulator.cursor_hidden)
        child.send(b"\x1b[200~blue\nand \x1b[201~")
        child.until_shows("say › sea blue↵and  q")
        child.send(b"\r")
        child.until_shows("you › sea blue")
        child.until_shows("q quit")
        child.until(lambda: child.emulator.cursor_hidden)


def test_volume_and_patience_change_by_keys() -> None:
    with on_pty(talking()) as child:
        child.until_shows("q quit")
        child.send(b"--")
        child.until_shows(" 80%")
        child.send(b"=")
        child.until_shows(" 90%")
        child.send(b"+")
        child.until(lambda: "%" not in child.emulator.lines[-2])
        child.send(b"p")
        child.until_shows("· patience high: only a long pause ends your turn")


def test_with_push_to_talk_a_tap_talks_and_a_tap_sends() -> None:
    with on_pty(talking("--push-to-talk")) as child:
        child.until_shows("space talk")
        child.until_shows("○ waiting")
        child.send(b" ")
        child.until_shows("● TALKING")
        child.until_shows("space send")
        child.send(b"\x1b")
        child.until_shows("· interrupt asked for")
        # Each frame takes its time; after these the second tap is no repeat of the first.
        child.send(b"/")
        child.until_shows("esc leave")
        child.send(b"\x1b")
        child.until_shows("space send")
        child.send(b" " * 5)  # held: the rest are repeats
        child.until_shows("space talk")
        child.send(b"q")
        assert child.ended() == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_another_device_is_picked_in_the_middle_of_a_conversation(width: int, height: int) -> None:
    with on_pty(talking("--devices", "9"), width, height) as child:
        child.until_shows(LAST_NOTE)
        child.until_shows("q quit")
        child.send(b"d")
        child.until_shows(" › ●  0* USB ␛[2J number 0 of")
        child.until(lambda: "enter take" in child.emulator.lines[-1])
        child.send(b"j\x1b[B\x1bOBk" + b"\x1b[B" * 8)
        child.until_shows("› ○  1  Monitor 1")
        child.send(b"mpt +")
        child.send(b"\r")
        child.until_shows("· speaker: Monitor 1")
        child.until(lambda: "enter take" not in child.emulator.text)
        child.until_shows("m mute")
        assert "MUTED" not in child.emulator.text
        child.send(b"d")
        child.until_shows(" › ●  0* USB ␛[2J number 0 of")
        child.send(b"\x1b")
        child.until_shows("m mute")
        child.send(b"dd")
        child.until_shows("m mute")
        child.send(b"dq")
        assert child.ended() == 0
        assert child.restored
        shows_the_whole_conversation(child)
        assert "enter take" not in child.emulator.text
        assert b"\x1b[2J" not in child.raw


def answered(child: PtyChild, key: bytes, shows: str) -> None:
    """Press `key` as a person does who has read the question, until it counts."""
    child.until(lambda: _pressed(child, key, shows))


def _pressed(child: PtyChild, key: bytes, shows: str) -> bool:
    if shows not in words(child.emulator.text):
        child.send(key)
        child.take_in(0.4)
    return shows in words(child.emulator.text)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_questions_are_read_in_full_and_answered_one_after_the_other(
    width: int, height: int
) -> None:
    with on_pty(talking("--tools"), width, height) as child:
        child.until_shows("(1 of 2)")
        child.until_shows("s end")
        child.send(b"\r")
        child.until_shows("? a question waits: shell")
        child.send(b"y\x1b[200~y\x1b[201~")
        child.until_shows("say › yy")
        child.send(b"\x1b")
        child.until_shows("call shell")
        if "t shows all" in child.emulator.text:
            child.send(b"t")
            child.until_shows("t close")
            child.send(b"t")
            child.until(lambda: "t close" not in child.emulator.text)
        answered(child, b"y", "s1 is done")
        child.until_shows("command: date")
        answered(child, b"n", 'shell(command="date") → denied by you')
        child.until_shows("m mute")
        assert "call shell" not in child.emulator.text
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored
        shows_the_whole_conversation(child)
        assert b"\x1b[2J" not in child.raw
        assert "→ not finished" in words(child.emulator.text)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_details_show_what_was_done_and_are_gone_when_closed(width: int, height: int) -> None:
    with on_pty(talking("--tools"), width, height) as child:
        child.until_shows("(1 of 2)")
        answered(child, b"n", "→ denied by you")
        child.until_shows("command: date")
        answered(child, b"n", 'shell(command="date") → denied by you')
        child.send(b"t")
        child.until_shows("t close")
        child.until_shows("→ the user said no")
        child.send(b"\x1b[H")
        child.until_shows("✓ get_weather · ")
        child.send(b"\x1b[6~\x1b[5~\x1b[F")
        child.send(b"\x1b")
        child.until(lambda: "t close" not in child.emulator.text)
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored
        shows_the_whole_conversation(child)


def test_code_its_result_and_pages_are_printed_in_their_order() -> None:
    with on_pty(talking("--tools", "--end", "return")) as child:
        assert child.ended() == 0
        text = child.emulator.text
        assert "  ╭─ python ────────────\n  │ total = sum(range(10))\n  │ print(total)\n" in text
        assert "  ╰─ ✓ result\n    45\n" in text
        assert words(text).index("of course.") < words(text).index("↗ Sums https://sums.example/")
        assert "Adding it up" not in text
        assert text.count('timer(minutes=3, label="eggs") → not finished') == 1


def test_where_there_is_no_device_a_line_says_so() -> None:
    with on_pty(talking("--devices", "0")) as child:
        child.until_shows("q quit")
        child.send(b"d")
        child.until_shows("· there is no sound device to pick")
        child.until_shows("m mute")


@pytest.mark.parametrize("way_out", [b"\x03", b"\x04", b"q"], ids=["Ctrl-C", "Ctrl-D", "q"])
def test_the_terminal_is_restored_from_the_picker_too(way_out: bytes) -> None:
    with on_pty(talking()) as child:
        child.until_shows(LAST_NOTE)
        child.send(b"d")
        child.until_shows("enter take")
        child.send(way_out)
        assert (child.ended() == 0) is (way_out != b"\x03")
        assert child.restored
        assert "enter take" not in child.emulator.text
        shows_the_whole_conversation(child)


def test_esc_leaves_the_line_without_sending() -> None:
    with on_pty(talking()) as child:
        child.until_shows("q quit")
        child.send(b"/secret")
        child.until_shows("say › secret")
        child.send(b"\x1b")
        child.until_shows("q quit")
        assert "secret" not in child.emulator.text


@pytest.mark.parametrize(("width", "height"), [(40, 10), (200, 50), (61, 30), (12, 3)])
def test_after_a_resize_the_region_is_whole_and_nothing_is_lost(width: int, height: int) -> None:
    with on_pty(talking(), XTERM_VERSION="keeps its lines, as the emulator does") as child:
        child.until_shows("q quit")
        child.resize(width, height)
        child.send(b"/")
        child.until_shows("say ›")
        child.send(b"\x1b")
        child.until(lambda: "say ›" not in child.emulator.text)
        if height > 24:
            child.send(b"m")
            child.until_shows("m unmute")
            rule, status, keys = child.emulator.lines[-3:]
            assert rule == "─" * min(width - 1, 99)
            assert "MUTED" in status
            assert keys.startswith(" m unmute  space stop  ↵ type  q quit  ")
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored
        assert "q quit" not in child.emulator.text
        if width > 80:  # the emulator drops what no longer fits
            shows_the_whole_conversation(child)


def test_no_colour_holds() -> None:
    with on_pty(talking("--end", "return"), NO_COLOR="1") as child:
        assert child.ended() == 0
        assert re.search(rb"\x1b\[[\d;]*[34]\d[\d;]*m", child.raw) is None
        shows_the_whole_conversation(child)


def test_colour_is_there_otherwise() -> None:
    with on_pty(talking("--end", "return")) as child:
        assert child.ended() == 0
        assert re.search(rb"\x1b\[[\d;]*36[\d;]*m", child.raw)


def test_a_dumb_terminal_gets_plain_lines() -> None:
    with on_pty(talking("--end", "return"), TERM="dumb") as child:
        assert child.ended() == 0
        assert b"\x1b" not in child.raw
        assert f"you: {QUESTION}" in child.raw.decode()


def test_the_model_cannot_reach_the_terminal() -> None:
    with on_pty(talking("--end", "return")) as child:
        child.ended()
        assert b"\x1b[2J" not in child.raw
        assert "\u202e".encode() not in child.raw


def test_keys_come_from_the_terminal_when_stdin_is_a_script() -> None:
    shell = 'echo script | "$@"'
    with on_pty(["/bin/sh", "-c", shell, "sh", *talking()]) as child:
        child.until_shows("q quit")
        assert not child.echoes
        child.send(b"q")
        assert child.ended() == 0
        assert child.restored


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash for job control")
def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() -> None:
    bash = shutil.which("bash") or "bash"
    with on_pty([bash, "--norc", "--noediting", "-i"], PS1="prompt> ") as child:
        child.until_shows("prompt>")
        child.send(f"{' '.join(talking())}\n".encode())
        child.until_shows("q quit")
        assert not child.echoes
        child.send(b"\x1a")
        child.until_shows("Stopped")
        child.until(lambda: child.restored)
        child.until(lambda: child.emulator.lines[-1] == "prompt>")
        assert "q quit" not in child.emulator.text
        child.send(b"fg\n")
        child.until_shows("q quit")
        child.until(lambda: not child.echoes)
        child.send(b"m")
        child.until_shows("MUTED")
        assert child.emulator.text.count("q quit") == 1
        child.send(b"q")
        child.until_shows("you left")
        child.until(lambda: child.restored)
        shows_the_whole_conversation(child)
        child.send(b"exit 5\n")
        assert child.ended() == 5
