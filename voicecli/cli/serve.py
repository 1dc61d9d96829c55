"""`voicecli serve`: the local Live API server on its own, for any Gemini SDK."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import ssl
    from contextlib import ExitStack

    from voicecli.local.server import LiveServer
    from voicecli.local.violations import Violation

Port = Annotated[int, typer.Option(min=0, max=65535, help="Listen here; 0 takes a free port.")]
CaFile = Annotated[
    Path | None,
    typer.Option(help="Write the certificate authority here, instead of to a temporary file."),
]
ScriptFile = Annotated[
    Path | None,
    typer.Option("--script", metavar="FILE", help="What to answer (TOML); else a built-in script."),
]
NoTls = Annotated[
    bool, typer.Option("--no-tls", help="Plain HTTP, for SDKs that do not insist on TLS.")
]

Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar='"KIND key=value …"',
        help="Go wrong on purpose, such as: close at=speaking code=1011. Repeat for more.",
    ),
]


def command(
    port: Port = 0,
    ca_file: CaFile = None,
    script: ScriptFile = None,
    no_tls: NoTls = False,
    fault: Faults = None,
) -> None:
    """Serve the Live API on this machine, with a voice and answers of its own.

    The first lines of the output are settings for the environment of the client.
    """
    import asyncio
    from contextlib import ExitStack

    from voicecli.cli.logs import log_to_file
    from voicecli.errors import UsageError
    from voicecli.local.fault_file import parse_fault
    from voicecli.local.faults import FaultPlan
    from voicecli.local.script_file import load
    from voicecli.local.server import LiveServer

    if no_tls and ca_file is not None:
        raise UsageError(
            "there is no certificate authority without TLS",
            hint="leave out either --ca-file or --no-tls",
        )
    plan = FaultPlan(parse_fault(text) for text in fault or ())
    log_to_file()
    with ExitStack() as stack:
        tls, trust = (None, None) if no_tls else _certificates(stack, ca_file)
        server = LiveServer(
            load(script), tls=tls, port=port, faults=plan, violation_found=_tell_violation
        )
        asyncio.run(_serve(server, port, trust))


def _tell_violation(violation: Violation) -> None:
    import sys

    from voicecli.ui.escape import one_line

    print(f"voicecli: {one_line(str(violation))}", file=sys.stderr, flush=True)


def _certificates(stack: ExitStack, ca_file: Path | None) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS, and the file with the authority that clients have to trust."""
    import tempfile

    from voicecli.errors import UsageError
    from voicecli.local.certificates import LoopbackCertificates

    certificates = LoopbackCertificates()
    if ca_file is None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voicecli-"))
        ca_file = Path(folder) / "ca.pem"
    try:
        certificates.write_ca(ca_file)
    except OSError as error:
        raise UsageError(
            f"cannot write {ca_file}",
            why=error.strerror or str(error),
            hint="name a file in a folder that exists: --ca-file FILE",
        ) from error
    return certificates.server_context(), ca_file.absolute()


async def _serve(server: LiveServer, port: int, trust: Path | None) -> None:
    """Serve until a signal. Raises VoicecliError if the port is not to be had."""
    import asyncio
    import sys
    from contextlib import AsyncExitStack

    from voicecli.cli.signals import ending_on_signals
    from voicecli.errors import VoicecliError

    stop = asyncio.Event()
    with ending_on_signals(stop.set):
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(server)
            except OSError as error:
                raise VoicecliError(
                    f"cannot listen on port {port} of the loopback",
                    why=error.strerror or str(error),
                    hint="take another one with --port, or let the system choose with --port 0",
                ) from error
            for line in environment(server.base_url, trust):
                print(line)
            sys.stdout.flush()
            print(USAGE, file=sys.stderr)
            await stop.wait()


USAGE = """\
The lines above are for the environment of the client: prefix each with `export`, or put them into
its .env file. Any key will do, such as GOOGLE_API_KEY=local. Ctrl-C ends the server."""


def environment(base_url: str, trust: Path | None) -> list[str]:
    """The variables that point a Gemini SDK at the server, quoted for a shell."""
    import shlex

    lines = [f"GOOGLE_GEMINI_BASE_URL={shlex.quote(base_url)}"]
    if trust is not None:
        lines.append(f"SSL_CERT_FILE={shlex.quote(str(trust))}")
    return lines
