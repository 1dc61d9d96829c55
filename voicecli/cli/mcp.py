"""`voicecli mcp`: which MCP servers are configured, and whether they work."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from voicecli.cli.common import resolve_settings
from voicecli.cli.talk import Profile
from voicecli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from voicecli.tools.mcp.config import ServerConfig
    from voicecli.tools.mcp.inspection import Finding

app = typer.Typer(help="List the MCP servers, or try them out.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

EXAMPLE = "docs/mcp.md tells how to add one; `voicecli config path` where"


@app.command("list")
def list_(as_json: AsJson = False, profile: Profile = None) -> None:
    """List the configured servers and how each is reached; keys are not shown."""
    configs, _ = _configured(profile)
    if as_json:
        print(list_json(configs))
        return
    if not configs:
        print(f"There are no MCP servers: {EXAMPLE}.", file=sys.stderr)
        return
    print(list_text(configs))


@app.command("test")
def try_out(
    name: Annotated[
        str | None, typer.Argument(help="One server; all that are not disabled without it.")
    ] = None,
    as_json: AsJson = False,
    profile: Profile = None,
) -> None:
    """Start servers, and tell what they offer; exit code 1 if one does not work."""
    import asyncio

    from voicecli.cli.logs import log_to_file
    from voicecli.tools.mcp.servers import check_package

    configured, environ = _configured(profile)
    configs = _chosen(configured, name)
    check_package()
    log_to_file()
    try:
        findings = asyncio.run(_inspect(configs, environ))
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    print(found_json(findings) if as_json else found_text(findings))
    if any(finding.problem for finding in findings):
        raise typer.Exit(ExitCode.FAILURE)


def list_text(configs: Sequence[ServerConfig]) -> str:
    """A line for each: its name, `on` or `off`, and how it is reached."""
    from voicecli.ui.escape import one_line

    width = max(len(config.name) for config in configs)
    return "\n".join(
        f"{config.name:{width}}  {'off' if config.disabled else 'on '}  {one_line(config.shown)}"
        for config in configs
    )


def list_json(configs: Sequence[ServerConfig]) -> str:
    """One object: `servers`, each with `name`, `reached`, `over` and `disabled`."""
    from voicecli.talk.event_json import as_line

    servers = [
        {
            "name": config.name,
            "over": "http" if config.url else "stdio",
            "reached": config.shown,
            "disabled": config.disabled,
        }
        for config in configs
    ]
    return as_line({"servers": servers})


def found_text(findings: Sequence[Finding]) -> str:
    """For each server a line, and below it a line for each function."""
    return "\n".join(line for finding in findings for line in _lines(finding))


def found_json(findings: Sequence[Finding]) -> str:
    """One object: `servers`, each with `ok`, what was found, and its `tools`."""
    from voicecli.talk.event_json import as_line

    servers = [
        {
            "name": finding.name,
            "ok": not finding.problem,
            "problem": finding.problem or None,
            "protocol": finding.protocol or None,
            "server": finding.server or None,
            "took_s": round(finding.took_s, 3),
            "tools": [
                {
                    "name": tool.name,
                    "description": tool.description,
                    "risk": tool.risk,
                    "parameters": tool.parameters,
                }
                for tool in finding.tools
            ],
            "left_out": list(finding.left_out),
        }
        for finding in findings
    ]
    return as_line({"servers": servers})


def _lines(finding: Finding) -> list[str]:
    from voicecli.ui.escape import one_line

    if finding.problem:
        return [f"{finding.name}: failed after {finding.took_s:.1f} s: {finding.problem}"]
    count = len(finding.tools)
    functions = "1 function" if count == 1 else f"{count} functions"
    head = (
        f"{finding.name}: {one_line(finding.server) or 'a server without a name'}, "
        f"protocol {finding.protocol}, {functions}, after {finding.took_s:.1f} s"
    )
    width = max((len(tool.name) for tool in finding.tools), default=0)
    tools = [
        f"  {tool.name:{width}}  {tool.risk}  {_first_line(tool.description)}".rstrip()
        for tool in finding.tools
    ]
    return [head, *tools, *(f"  left out: {one_line(reason)}" for reason in finding.left_out)]


def _first_line(description: str) -> str:
    from voicecli.ui.escape import one_line

    return one_line(description.strip().partition("\n")[0])


def _configured(profile: str | None) -> tuple[tuple[ServerConfig, ...], Mapping[str, str]]:
    """The servers, and the environment that their variables come from."""
    from voicecli.tools.mcp.config import read_servers

    resolved = resolve_settings({}, profile)
    given = resolved.settings.mcp_servers
    if given is None:
        return (), resolved.env
    return read_servers(given.tables, resolved.env, given.folder), resolved.env


def _chosen(configs: Sequence[ServerConfig], name: str | None) -> list[ServerConfig]:
    """The server `name`, disabled or not, or else all that are not; UsageError for none."""
    if name is None:
        chosen = [config for config in configs if not config.disabled]
    else:
        chosen = [config for config in configs if config.name == name]
    if chosen:
        return chosen
    if name is None:
        raise UsageError("there are no MCP servers", hint=EXAMPLE)
    known = ", ".join(config.name for config in configs)
    raise UsageError(
        f"there is no MCP server {name[:60]!r}",
        why=f"there are {known}" if known else "none is configured",
        hint="voicecli mcp list" if known else EXAMPLE,
    )


async def _inspect(
    configs: Sequence[ServerConfig], environ: Mapping[str, str]
) -> tuple[Finding, ...]:
    from voicecli.tools.mcp.inspection import inspect

    return await inspect(configs, environ)
