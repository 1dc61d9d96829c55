"""The store gives each conversation a folder of its own and never removes what it did not write."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.errors import UsageError, VoicecliError
from voicecli.talk.records import Record, Records, expired, remove_all

NOW = datetime(2026, 11, 27, 21, 15, 2, tzinfo=UTC)
DAY = timedelta(days=1)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes and links")

HOLDING = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from voicecli.talk.records import Records

record = Records(Path(sys.argv[1])).create(datetime.now(UTC))
record.files.events.touch()
with record.held():
    print(record.id, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "state" / "sessions")


def made(records: Records, began: datetime, end: str, ended: datetime | None = None) -> Record:
    record = records.create(began, lambda: end)
    record.files.events.touch()
    seconds = (ended or began).timestamp()
    os.utime(record.files.events, (seconds, seconds))
    return record


@pytest.fixture
def running(tmp_path: Path, records: Records) -> Iterator[Record]:
    """A record that another process writes for as long as the test lasts."""
    folder = tmp_path / "state" / "sessions"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        yield Record(name, folder / name)
        process.communicate("\n", timeout=30)


def test_an_id_says_when_the_conversation_began(records: Records) -> None:
    record = records.create(NOW, lambda: "k3f9")
    assert record.id == "20261127-211502-k3f9"
    assert record.began == NOW
    assert record.ended == NOW


def test_an_id_that_is_taken_is_not_given_again(records: Records) -> None:
    ends = iter(["aaaa", "aaaa", "bbbb"])
    assert [records.create(NOW, lambda: next(ends)).id[-4:] for _ in range(2)] == ["aaaa", "bbbb"]


def test_a_store_without_a_free_id_is_an_error(records: Records) -> None:
    records.create(NOW, lambda: "aaaa")
    with pytest.raises(OSError, match="no room"):
        records.create(NOW, lambda: "aaaa")


@POSIX
def test_the_folders_are_for_their_owner_only(records: Records) -> None:
    record = records.create(NOW)
    for folder in (record.folder, record.folder.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with record.held():
        assert stat.S_IMODE(record.files.lock.stat().st_mode) == 0o600


def test_processes_that_begin_at_once_have_records_of_their_own(tmp_path: Path) -> None:
    many = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from voicecli.talk.records import Records\n"
        "now = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "for _ in range(40): print(Records(Path(sys.argv[1])).create(now).id)\n"
    )
    command = [sys.executable, "-c", many, str(tmp_path / "sessions")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ids = [line for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert len(ids) == len(set(ids)) == 120
    assert {record.id for record in Records(tmp_path / "sessions").all()} == set(ids)


def test_what_else_lies_in_the_folder_is_no_record(records: Records, tmp_path: Path) -> None:
    record = made(records, NOW, "aaaa")
    folder = record.folder.parent
    (folder / "20261127-211502-file").touch()
    (folder / "notes").mkdir()
    (folder / "20261340-211502-k3f9").mkdir()
    (folder / "20261127-211502-link").symlink_to(tmp_path, target_is_directory=True)
    assert records.all() == [record]


def test_a_store_that_is_not_there_is_empty(records: Records) -> None:
    assert records.all() == []
    assert records.prune(1, NOW) == []


def test_a_folder_without_events_holds_nothing(records: Records) -> None:
    empty, full = records.create(NOW), made(records, NOW + DAY, "full")
    assert records.all() == [empty, full]
    assert records.kept() == [full]


# finding


def test_the_start_of_an_id_is_enough_if_it_is_the_only_one(records: Records) -> None:
    first, second = made(records, NOW, "aaaa"), made(records, NOW + DAY, "bbbb")
    assert records.find("20261127") == first
    assert records.find(second.id) == second


def test_a_start_that_fits_several_is_refused_and_names_them(records: Records) -> None:
    made(records, NOW, "aaaa")
    made(records, NOW, "aaab")
    with pytest.raises(UsageError, match="more than one") as caught:
        records.find("20261127-211502-aaa")
    assert caught.value.why == "20261127-211502-aaaa, 20261127-211502-aaab"


def test_a_whole_id_is_found_though_another_begins_with_it(records: Records) -> None:
    short = made(records, NOW, "aa")
    made(records, NOW, "aaaa")
    assert records.find(short.id) == short


@pytest.mark.parametrize("wanted", ["", "x", "..", "2025", "\x1b[2J"])
def test_what_is_not_there_is_wrong_usage(records: Records, wanted: str) -> None:
    made(records, NOW, "aaaa")
    with pytest.raises(UsageError, match=r"no conversation|more than one") as caught:
        records.find(wanted)
    assert "\x1b" not in str(caught.value)
    assert caught.value.hint == "voicecli sessions list"


def test_the_last_is_the_one_that_was_written_last(records: Records) -> None:
    went_on = made(records, NOW, "aaaa", ended=NOW + 2 * DAY)
    made(records, NOW + DAY, "bbbb")
    assert records.find("last") == went_on


def test_without_any_record_there_is_no_last(records: Records) -> None:
    with pytest.raises(UsageError, match="no record"):
        records.find("last")


# removing


def test_a_record_is_removed_whole(records: Records) -> None:
    record = made(records, NOW, "aaaa")
    for path in record.files.contents():
        path.touch()
    record.remove()
    assert not record.folder.exists()


def test_files_of_somebody_else_stay_and_are_told(records: Records) -> None:
    record = made(records, NOW, "aaaa")
    (record.folder / "thesis.txt").write_text("years of work")
    with pytest.raises(VoicecliError, match="cannot be removed whole") as caught:
        record.remove()
    assert str(record.folder) in caught.value.hint
    assert (record.folder / "thesis.txt").exists()
    assert records.kept() == []


@POSIX
def test_a_link_is_removed_and_not_what_it_leads_to(records: Records, tmp_path: Path) -> None:
    record = made(records, NOW, "aaaa")
    target = tmp_path / "song.wav"
    target.write_text("la la")
    record.files.user_sound.symlink_to(target)
    record.remove()
    assert target.read_text() == "la la"


def test_a_conversation_that_goes_on_is_left_alone(records: Records, running: Record) -> None:
    old = made(records, NOW - 99 * DAY, "aaaa")
    assert running.running
    assert not old.running
    with pytest.raises(UsageError, match="still going on") as caught:
        running.remove()
    assert caught.value.hint
    with pytest.raises(UsageError, match="still going on"), running.held():
        raise AssertionError("held twice")
    assert records.prune(1, datetime.now(UTC) + 99 * DAY) == [old]
    assert running.files.events.exists()


def test_a_record_is_free_again_when_its_process_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        process.kill()
        process.wait()
    record = Record(name, tmp_path / name)
    assert not record.running
    with record.held():
        pass
    record.remove()


def test_the_rest_is_removed_though_one_cannot_be(records: Records) -> None:
    first, second = made(records, NOW, "aaaa"), made(records, NOW + DAY, "bbbb")
    (first.folder / "thesis.txt").touch()
    with pytest.raises(VoicecliError, match=first.id):
        remove_all([first, second], skip_running=False)
    assert not second.folder.exists()


def test_looking_whether_a_record_is_written_leaves_nothing_behind(records: Records) -> None:
    record = made(records, NOW, "aaaa")
    assert not record.running
    assert not record.files.lock.exists()


# pruning


def test_a_record_is_kept_to_the_end_of_its_last_day(records: Records) -> None:
    record = made(records, NOW, "aaaa")
    assert records.prune(30, NOW + 30 * DAY) == []
    assert records.prune(30, NOW + 30 * DAY + timedelta(seconds=1)) == [record]
    assert records.all() == []


def test_a_record_that_was_gone_on_with_is_as_old_as_its_last_words(records: Records) -> None:
    made(records, NOW, "aaaa", ended=NOW + 29 * DAY)
    assert records.prune(30, NOW + 40 * DAY) == []


def test_an_empty_folder_goes_by_its_id(records: Records) -> None:
    records.create(NOW, lambda: "aaaa")
    assert records.prune(1, NOW + DAY / 2) == []
    assert len(records.prune(1, NOW + 2 * DAY)) == 1


@given(st.integers(-(10**6), 10**6), st.integers(1, 36_500))
def test_what_is_within_its_days_is_never_removed(age_s: int, days: int) -> None:
    ended = NOW - timedelta(seconds=age_s)
    assert expired(ended, days, NOW) == (age_s > days * 86_400)
