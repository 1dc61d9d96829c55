"""The time, which no model knows by itself."""

from __future__ import annotations

from datetime import datetime

from voicecli.tools.declare import tool


def local_now() -> datetime:
    """The time in the user's zone."""
    return datetime.now().astimezone()


@tool
def current_time() -> dict[str, str]:
    """Tells the time of day, the date, the weekday and the time zone of the user."""
    now = local_now()
    return {
        "time": now.strftime("%H:%M"),
        "date": now.date().isoformat(),
        "weekday": now.strftime("%A"),
        "zone": now.tzname() or "local time",
    }
