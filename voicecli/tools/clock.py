"""The time, which no model knows by itself."""

from __future__ import annotations

from datetime import datetime

from voicecli.tools.tool import Tool


def current_time() -> dict[str, str]:
    """The time of day, the date and the time zone of this machine."""
    now = datetime.now().astimezone()
    return {
        "time": now.strftime("%H:%M"),
        "date": now.date().isoformat(),
        "weekday": now.strftime("%A"),
        "zone": now.tzname() or "local time",
    }


CURRENT_TIME = Tool(
    name="current_time",
    description="Tells the time of day, the date, the weekday and the time zone of the user.",
    parameters={"type": "object", "properties": {}},
    function=current_time,
)
