"""Which MCP servers there are and how they are reached, out of `[mcp_servers.NAME]`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from voicecli.errors import UsageError
from voicecli.tools.mcp.table import HINT, ServerTable
from voicecli.tools.tool import TIMEOUT_S

# What is started with `npx` or `uvx` may have to be downloaded first; more is for the settings.
STARTUP_TIMEOUT_S = 10.0
# A shorter value is found in every text, and taking it out would only garble that.
SHORTEST_SECRET = 6

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_STDIO_KEYS = ("command", "args", "env", "cwd")
_HTTP_KEYS = ("url", "headers")
_COMMON_KEYS = ("type", "disabled", "startup_timeout_s", "timeout_s")
_KINDS = {"stdio": "command", "http": "url", "streamable-http": "url"}
# Names and passwords of users, paths and queries: each of them can be what lets one in.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)\S+")
_TELLS_A_SECRET = re.compile(r"(?i)key|token|secret|passw|auth|credential")


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """A server: a `command` that is run, or a `url`; `shown` says which, without secrets."""

    name: str
    shown: str
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path | None = None
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    disabled: bool = False
    startup_timeout_s: float = STARTUP_TIMEOUT_S
    timeout_s: float = TIMEOUT_S
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What nobody may see: values of `env` and `headers`, and what came from the environment."""

    @property
    def origin(self) -> str:
        """Where its functions come from, in words."""
        return f"MCP server {self.name}"

    def redact(self, text: str) -> str:
        """`text`, which the server may have written, without secrets."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "…")
        return text


def read_servers(
    tables: Mapping[str, object], environ: Mapping[str, str], folder: Path
) -> tuple[ServerConfig, ...]:
    """The servers that `tables` describes, by their names, in their order.

    `${NAME}` and `${NAME:-default}` in args, env, url and headers are taken from `environ`; paths
    are relative to `folder`. UsageError names server and key, and never a value.
    """
    return tuple(_read_server(name, table, environ, folder) for name, table in tables.items())


def _read_server(name: str, raw: object, environ: Mapping[str, str], folder: Path) -> ServerConfig:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:60]!r} cannot be the name of an MCP server",
            why="it takes up to 40 letters, digits, - and _",
            hint=HINT,
        )
    table = ServerTable.of(name, raw, environ)
    table.check_keys((*_STDIO_KEYS, *_HTTP_KEYS, *_COMMON_KEYS))
    way = _way(table)
    fields = _over_http(table) if way == "url" else _as_child(table, folder)
    return ServerConfig(
        name=name,
        disabled=table.disabled,
        startup_timeout_s=table.seconds("startup_timeout_s", STARTUP_TIMEOUT_S),
        timeout_s=table.seconds("timeout_s", TIMEOUT_S),
        secrets=frozenset(one for one in table.secrets if len(one) >= SHORTEST_SECRET),
        **fields,  # type: ignore[arg-type]  # each of the two gives what belongs to its fields
    )


def _way(table: ServerTable) -> str:
    """Whether the server is reached by its `command` or its `url`."""
    given = [key for key in ("command", "url") if key in table.values]
    if len(given) != 1:
        raise table.error(
            "has both command and url" if given else "has neither command nor url",
            why="a server is either run, with command, or reached over the network, with url",
        )
    kind = table.text("type", "")
    if kind == "sse":
        raise table.error(
            "has the type sse, which is not spoken",
            why="MCP replaced it with streamable HTTP, for which most servers have a url too",
        )
    if kind and _KINDS.get(kind) != given[0]:
        raise table.error(
            f"has {given[0]}, which does not go with its type",
            why="with command the type is stdio, with url it is http or streamable-http",
        )
    foreign = _STDIO_KEYS if given[0] == "url" else _HTTP_KEYS
    if wrong := [key for key in foreign if key in table.values]:
        raise table.error(f"has {wrong[0]}, which does not go with {given[0]}")
    return given[0]


def _as_child(table: ServerTable, folder: Path) -> dict[str, object]:
    command = table.text("command", "")
    if not command:
        raise table.error("has an empty command")
    cwd = table.text("cwd", "")
    args = table.texts("args")
    env = table.secret_texts("env")
    if wrong := [name for name in env if not name or "=" in name]:
        raise table.error(f"has a wrong name in env: {wrong[0]!r}")
    return {
        "shown": " ".join([command, *_shown_args(args)]),
        "command": str(_path(command, folder)) if "/" in command else command,
        "args": tuple(table.filled("args", arg) for arg in args),
        "env": env,
        # Never where voicecli happens to run: what is there may be a stranger's, and `npx` and
        # `python -m` run what they find in their folder before what is installed.
        "cwd": _path(cwd, folder) if cwd else folder,
    }


def _path(text: str, folder: Path) -> Path:
    try:
        return folder / Path(text).expanduser()
    except RuntimeError:  # the home of a user whom nobody knows
        return folder / text


def _shown_args(args: tuple[str, ...]) -> list[str]:
    """`args` as they stand in the file, but for those that look as if they held a secret."""
    shown: list[str] = []
    for number, arg in enumerate(args):
        before = args[number - 1] if number else ""
        value_of_flag = before.startswith("-") and not re.search("[=:]", before)
        if value_of_flag and _TELLS_A_SECRET.search(before):
            shown.append("…")
        elif _TELLS_A_SECRET.search(arg) and (found := re.search("[=:]", arg)):
            shown.append(f"{arg[: found.end()]}…")
        else:
            shown.append(_ADDRESS.sub(r"\1…", arg))
    return shown


def _over_http(table: ServerTable) -> dict[str, object]:
    url = table.filled("url", table.text("url", ""))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in {"http", "https"} or not url.isprintable() or " " in url:
        raise table.error("has a url that is none", why="it begins with https:// or http://")
    # Of some services the path is the key.
    secret_parts = (parts.username, parts.password, parts.path, parts.query)
    table.secrets.update(part for part in secret_parts if part)
    return {
        "shown": f"{parts.scheme}://{host}" + (f":{port}" if port else ""),
        "url": url,
        "headers": table.headers(),
    }
