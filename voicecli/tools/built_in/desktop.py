"""What a program needs to know to reach the user's desktop. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from voicecli.tools.child_environment import child_environment

# Where the screen is, who may draw on it, and which desktop it is.
_NAMES = (
    *("BROWSER", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "DISPLAY", "KDE_FULL_SESSION"),
    *("KDE_SESSION_VERSION", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CONFIG_DIRS"),
    *("XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP", "XDG_DATA_DIRS", "XDG_DATA_HOME"),
    *("XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "WSL_DISTRO_NAME", "WSL_INTEROP"),
)


def desktop_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of `environ` for a program of the desktop: no terminal, and no secret."""
    environment = child_environment(environ, _NAMES)
    del environment["TERM"]
    return environment
