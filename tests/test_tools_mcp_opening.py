"""Whoever has no servers pays nothing for them, and whoever lacks the package is told its name."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext

import pytest

from voicecli.errors import UsageError
from voicecli.tools.mcp.config import ServerConfig
from voicecli.tools.mcp.opening import check_package, servers
from voicecli.tools.toolbox import Toolbox


def test_without_servers_nothing_is_run() -> None:
    off = ServerConfig("a", "a", command="a", disabled=True)
    assert isinstance(servers([], Toolbox(), {}), nullcontext)
    assert isinstance(servers([off], Toolbox(), {}), nullcontext)


def test_with_one_there_is_what_runs_it() -> None:
    one = ServerConfig("a", "a", command="a")
    assert not isinstance(servers([one], Toolbox(), {}), nullcontext)


def test_the_settings_can_be_read_without_the_package() -> None:
    code = (
        "import sys; sys.modules['mcp'] = None\n"
        "import voicecli.tools.mcp.config, voicecli.tools.mcp.opening, voicecli.cli.mcp\n"
        "from voicecli.tools.toolbox import Toolbox\n"
        "voicecli.tools.mcp.opening.servers([], Toolbox(), {})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mcp", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(UsageError) as caught:
        check_package()
    assert "voicecli[mcp]" in caught.value.hint
