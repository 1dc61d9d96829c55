"""A command cannot hold up the conversation, fill the memory, or leave anything running."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.tools.built_in.commands import KEPT_BYTES, Output, Ran, run_command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="only on POSIX")

ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath)}
# A busy machine needs a while to start a process; a command that hangs would take for ever.
PLENTY_S = 30.0
SOON_S = 0.3


def ran(script: str, timeout_s: float = PLENTY_S) -> Ran:
    return asyncio.run(run_command(("/bin/sh", "-c", script), ENVIRONMENT, timeout_s))


def is_running(pid: int) -> bool:
    """Whether a process of that number is there and not just waiting to be forgotten."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def ended(pid: int) -> bool:
    """Whether the process ends before long: a signal takes a moment to arrive."""
    deadline_s = time.monotonic() + PLENTY_S
    while is_running(pid):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)
    return True


def test_both_streams_come_in_the_order_in_which_they_were_printed() -> None:
    assert ran("echo one; echo two >&2; echo three; exit 3") == Ran(3, "one\ntwo\nthree\n")


def test_it_gets_no_input() -> None:
    assert ran("cat; echo done") == Ran(0, "done\n")


def test_it_has_no_terminal() -> None:
    assert ran("(: < /dev/tty) 2>/dev/null || echo none").output == "none\n"


def test_it_knows_nothing_of_the_environment_but_what_it_is_given() -> None:
    command = (sys.executable, "-c", "import os; print(sorted(os.environ))")
    printed = asyncio.run(run_command(command, {"A_NAME": "x"}, PLENTY_S)).output
    assert "A_NAME" in printed
    assert "HOME" not in printed


def test_a_command_that_does_not_end_is_stopped_with_what_it_printed_before() -> None:
    result = ran("echo begun; sleep 100", timeout_s=SOON_S)
    assert result == Ran(None, "begun\n", "it was stopped after 0.3 s")


def test_all_that_it_started_is_stopped_with_it() -> None:
    result = ran("sleep 100 & echo $!; wait", timeout_s=SOON_S)
    assert ended(int(result.output))


def test_what_it_left_running_neither_holds_it_up_nor_goes_on() -> None:
    result = ran("sleep 100 & echo $!")
    assert (result.exit_code, result.note) == (0, "")
    assert ended(int(result.output))


def test_one_that_closes_its_output_may_go_on() -> None:
    assert ran("exec >&- 2>&-; sleep 0.1; exit 4") == Ran(4, "")


def test_output_without_end_is_stopped_and_not_kept() -> None:
    result = ran("yes")
    assert result.exit_code is None
    assert result.note == "it was stopped: its output was longer than 10000000 bytes"
    assert len(result.output) < KEPT_BYTES + 100


def test_of_long_output_begin_and_end_are_kept() -> None:
    result = ran("echo begin; seq 10000; echo end")
    assert result.exit_code == 0
    assert result.output.startswith("begin\n1\n")
    assert result.output.endswith("10000\nend\n")
    assert "bytes left out" in result.output
    assert result.note.endswith("bytes of its output were left out")


def test_a_signal_that_ends_it_is_told() -> None:
    assert ran("kill -9 $$") == Ran(-9, "")


def test_what_is_no_text_does_not_matter() -> None:
    assert ran(r"printf '\377\n'").output == "\ufffd\n"


def test_one_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="no-such-command"):
        asyncio.run(run_command(("/no-such-command",), ENVIRONMENT, PLENTY_S))


def test_one_that_is_not_wanted_any_more_is_stopped(home: Path) -> None:
    async def main() -> int:
        script = f"echo $$ > {home}/pid.part; mv {home}/pid.part {home}/pid; sleep 100"
        call = asyncio.create_task(
            run_command(("/bin/sh", "-c", script), ENVIRONMENT, timeout_s=PLENTY_S)
        )
        async with asyncio.timeout(PLENTY_S):
            while not (home / "pid").exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        return int((home / "pid").read_text())

    assert ended(asyncio.run(main()))


@given(st.lists(st.binary(max_size=30)), st.integers(0, 20))
def test_begin_and_end_are_kept_however_the_pieces_come(pieces: list[bytes], half: int) -> None:
    output = Output(2 * half)
    for piece in pieces:
        output.add(piece)
    whole = b"".join(pieces)
    assert output.total == len(whole)
    assert output.left_out == max(0, len(whole) - 2 * half)
    if not output.left_out:
        assert output.text == whole.decode("utf-8", "replace")
