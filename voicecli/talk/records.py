"""The store of records: a folder for each conversation, whose name is its ID.

Making the folder decides who has the ID, and a lock says who writes in it, so that two voicecli
do not get in each other's way. Only the files that voicecli writes are ever removed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from voicecli.errors import UsageError, VoicecliError
from voicecli.talk.record_files import RecordFiles

LAST = "last"
LIST_HINT = "voicecli sessions list"

# Without letters and digits that look alike. Two conversations that begin in the same second have
# the same end in one of a million cases, and then the folder decides.
_ENDS = "23456789abcdefghjkmnpqrstuvwxyz"
_END_LENGTH = 4
_TRIES = 100
_ID = re.compile(r"(\d{8}-\d{6})-[a-z0-9]{1,8}")
_TIME = "%Y%m%d-%H%M%S"
_NAMED_IN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One conversation on disk."""

    id: str
    folder: Path

    @property
    def files(self) -> RecordFiles:
        """Where its parts are."""
        return RecordFiles.of(self.folder)

    @property
    def began(self) -> datetime:
        """When it began, in UTC, as its ID says."""
        return began(self.id)

    @property
    def ended(self) -> datetime:
        """When it was written to last, in UTC."""
        try:
            return datetime.fromtimestamp(self.files.events.lstat().st_mtime, UTC)
        except (OSError, ValueError, OverflowError):
            return self.began

    @property
    def running(self) -> bool:
        """Whether a conversation is writing it."""
        lock = self._lock()
        if not self.files.lock.exists():
            return False
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        except OSError:  # nobody writes where nobody may
            return False
        lock.release()
        return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the record alone within the block.

        Raises UsageError while another voicecli has it, OSError where it cannot be written.
        """
        lock = self._lock()
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise UsageError(
                f"the conversation {self.id} is still going on",
                why="another voicecli is writing its record",
                hint="end it there first, or choose another: voicecli sessions list",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def remove(self) -> None:
        """Remove it; UsageError while it goes on, VoicecliError if the system refuses."""
        try:
            with self.held():
                for path in self.files.contents():
                    path.unlink(missing_ok=True)
            self.files.lock.unlink(missing_ok=True)
            self.folder.rmdir()
        except OSError as error:
            raise VoicecliError(
                f"the record {self.id} cannot be removed whole",
                why=error.strerror or str(error),
                hint=f"ls -la {self.folder}",
            ) from error

    def _lock(self) -> FileLock:
        return FileLock(self.files.lock, mode=0o600)


class Records:
    """All records under one folder, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, now: datetime, end: Callable[[], str] | None = None) -> Record:
        """A new record that begins at `now`; `end` makes the last part of an ID. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_TRIES):
            name = f"{now.astimezone(UTC):{_TIME}}-{(end or _random_end)()}"
            with suppress(FileExistsError):
                (self._folder / name).mkdir(mode=0o700)
                return Record(name, self._folder / name)
        raise FileExistsError(f"{self._folder} has no room for another record")

    def all(self) -> list[Record]:
        """Every record, the oldest first; what else lies in the folder is left alone."""
        found = []
        with suppress(OSError):
            for path in self._folder.iterdir():
                if _is_id(path.name) and path.is_dir() and not path.is_symlink():
                    found.append(Record(path.name, path))
        return sorted(found, key=lambda record: record.id)

    def kept(self) -> list[Record]:
        """The records that hold something, the oldest first."""
        return [record for record in self.all() if record.files.events.exists()]

    def find(self, wanted: str) -> Record:
        """The record whose ID begins with `wanted`, or the one written last for `last`.

        Raises UsageError if it is none, or several.
        """
        kept = self.kept()
        if not kept:
            raise UsageError("there is no record of a conversation", hint="voicecli talk")
        if wanted == LAST:
            return max(kept, key=lambda record: (record.ended, record.id))
        matching = [record for record in kept if wanted and record.id.startswith(wanted)]
        exact = [record for record in matching if record.id == wanted]
        if len(exact or matching) != 1:
            raise _not_one(wanted, matching)
        return (exact or matching)[0]

    def prune(self, days: int, now: datetime) -> list[Record]:
        """Remove what is older than `days`, but nothing that goes on; what was removed.

        Raises VoicecliError for what could not be removed, after all else.
        """
        return remove_all(
            [record for record in self.all() if expired(record.ended, days, now)],
            skip_running=True,
        )


def remove_all(records: Sequence[Record], *, skip_running: bool) -> list[Record]:
    """Remove the records; those that were. Raises the first error, after all else."""
    removed, errors = [], []
    for record in records:
        if skip_running and record.running:
            continue
        try:
            record.remove()
            removed.append(record)
        except VoicecliError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return removed


def expired(ended: datetime, days: int, now: datetime) -> bool:
    """Whether a conversation that ended at `ended` is more than `days` old."""
    return now - ended > timedelta(days=days)


def began(record_id: str) -> datetime:
    """When the conversation with this ID began, in UTC."""
    found = _ID.fullmatch(record_id)
    assert found is not None
    return datetime.strptime(found.group(1), _TIME).replace(tzinfo=UTC)


def _is_id(name: str) -> bool:
    if _ID.fullmatch(name) is None:
        return False
    try:
        began(name)
    except ValueError:  # such as the 40th of a month
        return False
    return True


def _random_end() -> str:
    return "".join(secrets.choice(_ENDS) for _ in range(_END_LENGTH))


def _not_one(wanted: str, matching: Sequence[Record]) -> UsageError:
    if not matching:
        return UsageError(f"there is no conversation {wanted!r}", hint=LIST_HINT)
    names = ", ".join(record.id for record in matching[:_NAMED_IN_ERRORS])
    more = ", …" if len(matching) > _NAMED_IN_ERRORS else ""
    return UsageError(
        f"{wanted!r} means more than one conversation", why=names + more, hint=LIST_HINT
    )
