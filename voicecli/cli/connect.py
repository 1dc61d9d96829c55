"""Which server a command talks to: Google's, one that the user names, or one in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voicecli.live.endpoint import Endpoint
from voicecli.settings.key import ApiKey, find_key

if TYPE_CHECKING:
    from voicecli.settings import Resolved

# Any key will do there; this one stands in no message, which it would be cut out of.
LOCAL_KEY = "local-server-needs-no-key"


@contextmanager
def open_endpoint(resolved: Resolved) -> Iterator[Endpoint]:
    """The server to talk to; with `local`, one that runs in this process until the block ends.

    Raises CredentialsError without a key, UsageError for a script that cannot be used.
    """
    settings = resolved.settings
    if not settings.local:
        yield Endpoint(find_key(resolved), base_url=settings.base_url)
        return
    from voicecli.local.embedded import EmbeddedServer
    from voicecli.local.script_file import load

    script = load(Path(settings.local_script) if settings.local_script else None)
    with EmbeddedServer(script) as server:
        key = ApiKey(LOCAL_KEY, "the local server")
        yield Endpoint(key, base_url=server.base_url, ca_file=server.ca_file, local=True)
