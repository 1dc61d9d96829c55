"""Everything that can go wrong in a way that the user can act on.

    VoicecliError            1  failure
    ├── UsageError           2  usage or bad input
    ├── CredentialsError     3  key or permission
    ├── SoundDeviceError     4  sound device
    ├── NetworkError         5  network
    │   └── QuotaError       5  quota
    └── PartlyDoneError      6  partly done

An error says what happened (`what`), why (`why`), and one next command (`hint`). It never holds
a key: whoever builds one from foreign text goes through `voicecli.settings.key.redact`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process returns; documented in `--help` and the README."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    CREDENTIALS = 3
    SOUND_DEVICE = 4
    NETWORK = 5
    PARTLY_DONE = 6
    INTERRUPTED = 130


class VoicecliError(Exception):
    """An error for the user: one sentence each for what, why and what to do next."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class UsageError(VoicecliError):
    """The command, a setting or an input file is not usable as given."""

    exit_code = ExitCode.USAGE


class CredentialsError(VoicecliError):
    """No key, a refused key, or no permission."""

    exit_code = ExitCode.CREDENTIALS


class SoundDeviceError(VoicecliError):
    """No sound device, or one that cannot be opened."""

    exit_code = ExitCode.SOUND_DEVICE


class NetworkError(VoicecliError):
    """The service cannot be reached, or ended the conversation."""

    exit_code = ExitCode.NETWORK


class QuotaError(NetworkError):
    """The service refuses because a quota is used up."""


class PartlyDoneError(VoicecliError):
    """Some of what was asked for is done, and the rest is not."""

    exit_code = ExitCode.PARTLY_DONE


def first_error(group: BaseExceptionGroup[VoicecliError]) -> VoicecliError:
    """The first error in a group, however deep; the others followed from it."""
    first = group.exceptions[0]
    return first_error(first) if isinstance(first, BaseExceptionGroup) else first
