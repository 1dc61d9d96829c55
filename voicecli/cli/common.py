"""What several commands share: settings from this process's surroundings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicecli.settings import Resolved


def resolve_settings(flags: Mapping[str, object], profile: str | None) -> Resolved:
    """The settings that hold here and now; a flag of None was not given. Raises UsageError."""
    from voicecli.paths import current_folder, user_config_file
    from voicecli.settings import resolve

    return resolve(
        flags, env=os.environ, cwd=current_folder(), user_file=user_config_file(), profile=profile
    )
