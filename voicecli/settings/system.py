"""What the model is told before the conversation."""

from __future__ import annotations

from pathlib import Path

from voicecli.errors import UsageError
from voicecli.paths import tilde
from voicecli.settings.fields import Settings
from voicecli.settings.files import read_small_file, reason

# Instructions of this length fill a fifth of the model's context of 128k tokens.
MAX_SYSTEM_BYTES = 100_000


def system_text(settings: Settings) -> str | None:
    """The words of `settings.system`, read from the file that `@FILE` names; None for none.

    `@@` at the start stands for a literal `@`. UsageError names a file that cannot be used.
    """
    system = settings.system
    if not system:
        return None
    if system.startswith("@") and not system.startswith("@@"):
        text = _read(Path(system[1:]))
    else:
        text = system[1:] if system.startswith("@@") else system
        if len(text.encode()) > MAX_SYSTEM_BYTES:
            raise UsageError(f"the system text is larger than {MAX_SYSTEM_BYTES // 1000} kB")
    return text.strip() or None


def _read(path: Path) -> str:
    try:
        return read_small_file(path, limit_bytes=MAX_SYSTEM_BYTES).decode("utf-8-sig")
    except OSError as error:
        why = reason(error)
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    raise UsageError(
        f"the system text cannot be read from {tilde(path)}",
        why=why,
        hint="`voicecli config show` tells where `system` was set",
    )
