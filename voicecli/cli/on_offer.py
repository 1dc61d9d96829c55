"""The functions that the model may call, by the user's settings and flags."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from voicecli import paths
from voicecli.errors import UsageError
from voicecli.settings import Resolved, Settings
from voicecli.settings.files import nearest
from voicecli.tools.built_in.catalogue import GROUPS, NAMES, BuiltInOptions, built_in
from voicecli.tools.sources import load_file, load_packages
from voicecli.tools.tool import Risk, Tool
from voicecli.tools.toolbox import News, Toolbox

if TYPE_CHECKING:
    from voicecli.tools.mcp.servers import Servers

HINT = "voicecli tools list"

Warning = tuple[str, str]
"""What looks wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What `--tool` and `--no-tool` name."""

    offer: Sequence[str] = ()
    withhold: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OnOffer:
    """The functions of one conversation; `servers` bring more while they are entered."""

    toolbox: Toolbox = field(default_factory=Toolbox)
    servers: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    warnings: tuple[Warning, ...] = ()


def on_offer(resolved: Resolved, choice: Choice) -> OnOffer:
    """All that the settings and `choice` name. Raises UsageError for what cannot be offered."""
    settings = resolved.settings
    packages = load_packages()
    known = (*_of_files(settings), *packages.tools)
    named = tuple(dict.fromkeys((*settings.offer, *choice.offer)))
    _check_known(named, known, settings)
    ours = [name for name in named if name in NAMES or name in GROUPS]
    tools = (*known, *built_in(_options(resolved), ours).values())
    toolbox = Toolbox(tools, _risks(settings, choice))
    warnings = [(text, HINT) for text in packages.warnings]
    servers = _servers(resolved, toolbox)
    if servers is None:
        return OnOffer(toolbox, warnings=(*warnings, *_unknown(toolbox, named)))
    return OnOffer(toolbox, _telling(servers, toolbox, named), tuple(warnings))


@asynccontextmanager
async def _telling(
    servers: Servers, toolbox: Toolbox, named: Sequence[str]
) -> AsyncGenerator[None, None]:
    """`servers`; once their functions are known, names that nothing has are told as news."""
    async with servers:
        for message, hint in _unknown(toolbox, named):
            toolbox.tell(News(message, hint, warning=True))
        yield


def _unknown(toolbox: Toolbox, named: Sequence[str]) -> Iterator[Warning]:
    """What is wrong with the names that are offered or withheld, and with those in `tool_risk`."""
    for name in named:
        if name not in GROUPS and toolbox.get(name) is None:
            yield f"there is no function {name} to offer", HINT
    for name, meant in toolbox.unknown_risks.items():
        tail = f"; did you mean {meant}?" if meant else ""
        yield f"there is no function {name} to be careful with{tail}", HINT


def _of_files(settings: Settings) -> Iterator[Tool]:
    for name in settings.tools:
        path = Path(name)
        yield from load_file(path, paths.tilde(path))


def _check_known(named: Sequence[str], known: Sequence[Tool], settings: Settings) -> None:
    """Raises UsageError for a name that nothing has; what servers will bring is not known yet."""
    names = {*NAMES, *GROUPS, *(tool.name for tool in known)}
    for name in named:
        if name not in names and settings.mcp_servers is None:
            meant = nearest(name, names)
            raise UsageError(
                f"there is no function {name} to offer",
                why=f"did you mean {meant}?" if meant else "",
                hint=HINT,
            )


def _options(resolved: Resolved) -> BuiltInOptions:
    settings = resolved.settings
    notes = settings.notes_file
    return BuiltInOptions(
        notes_file=paths.notes_file() if notes is None else Path(notes),
        read_folders=tuple(map(Path, settings.read_folders)),
        shell_environment=settings.shell_env,
        environ=resolved.env,
    )


def _risks(settings: Settings, choice: Choice) -> dict[str, Risk]:
    risks = {name: Risk(word) for name, word in (settings.tool_risk or {}).items()}
    withheld = [one for name in choice.withhold for one in GROUPS.get(name, (name,))]
    return {**risks, **dict.fromkeys(withheld, Risk.DENY)}


def _servers(resolved: Resolved, toolbox: Toolbox) -> Servers | None:
    configured = resolved.settings.mcp_servers
    if configured is None:
        return None
    from voicecli.tools.mcp.config import read_servers
    from voicecli.tools.mcp.servers import Servers

    configs = read_servers(configured.tables, resolved.env, configured.folder)
    return Servers(configs, toolbox, resolved.env)
