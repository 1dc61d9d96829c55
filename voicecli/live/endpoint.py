"""Which server to talk to, and with what key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from voicecli.settings.key import ApiKey


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Live API server: Google's without `base_url`; `ca_file` adds trust for a local one."""

    key: ApiKey
    base_url: str | None = None
    ca_file: Path | None = None
    local: bool = False
