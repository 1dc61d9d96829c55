"""What a child process is told of the environment: what it needs to run, and no secret. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Who and where the user is, and where programs are found. Keys and passwords are kept under other
# names, which is why this is a list of what passes and not of what does not.
_EVERYWHERE = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"})
# Without these hardly any program starts on Windows.
_WINDOWS = frozenset(
    {
        *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT"),
        *("PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT"),
        *("TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"),
    }
)
_PASSED = _EVERYWHERE | _WINDOWS
_LOCALE_PREFIX = "LC_"
# There is no terminal behind a child's output: no colours, no cursor that moves.
_TERMINAL = {"TERM": "dumb"}


def child_environment(environ: Mapping[str, str], names: Iterable[str] = ()) -> dict[str, str]:
    """The variables of `environ` for a child process.

    `names` are those that the user lets pass besides; one that is not set is left out.
    """
    named = set(names)
    return _TERMINAL | {
        name: value
        for name, value in environ.items()
        if name in _PASSED or name.startswith(_LOCALE_PREFIX) or name in named
    }
