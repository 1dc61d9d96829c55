"""What the user chose, and where each value came from."""

from voicecli.settings.fields import FIELDS, Settings
from voicecli.settings.files import Origin
from voicecli.settings.key import ApiKey, find_key, redact
from voicecli.settings.resolve import Resolved, resolve
from voicecli.settings.system import system_text

__all__ = [
    "FIELDS",
    "ApiKey",
    "Origin",
    "Resolved",
    "Settings",
    "find_key",
    "redact",
    "resolve",
    "system_text",
]
