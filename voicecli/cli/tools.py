"""`voicecli tools`: the functions that the model may call, and calling one by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from voicecli.cli.common import resolve_settings
from voicecli.cli.talk import Offered, Profile, Withheld
from voicecli.errors import ExitCode, UsageError, VoicecliError

if TYPE_CHECKING:
    from voicecli.cli.on_offer import OnOffer, Warning
    from voicecli.tools.tool import Tool
    from voicecli.tools.toolbox import Toolbox

app = typer.Typer(
    help="Show the functions that the model may call, and try them.", no_args_is_help=True
)


@app.command("list")
def list_them(
    tool: Offered = None,
    no_tool: Withheld = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    profile: Profile = None,
) -> None:
    """List what would be offered to the model, with what each function takes."""
    import asyncio

    from voicecli.cli.logs import log_to_file
    from voicecli.cli.on_offer import Choice, on_offer

    log_to_file()
    offer = on_offer(resolve_settings({}, profile), Choice(tool or (), no_tool or ()))
    asyncio.run(_list(offer, as_json=as_json))


@app.command()
def call(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    args: Annotated[
        str, typer.Argument(metavar="ARGUMENTS", help='As JSON, such as \'{"city": "Bonn"}\'.')
    ] = "{}",
    profile: Profile = None,
) -> None:
    """Call a function as the model would, without a question; print its results as JSON lines."""
    import asyncio

    from voicecli.cli.logs import log_to_file
    from voicecli.cli.on_offer import Choice, on_offer
    from voicecli.tools.built_in.catalogue import NAMES

    log_to_file()
    given = _arguments(args)
    choice = Choice(offer=(name,) if name in NAMES else ())
    offer = on_offer(resolve_settings({}, profile), choice)
    raise typer.Exit(asyncio.run(_call(offer, name, given)))


def _arguments(text: str) -> Mapping[str, object]:
    try:
        given = json.loads(text)
        why = "it is JSON, and no object"
    except (ValueError, RecursionError) as error:
        given, why = None, str(error)
    if isinstance(given, dict):
        return given
    raise UsageError(
        "the arguments must be a JSON object",
        why=why,
        hint="""voicecli tools call calculator '{"expression": "6 * 7"}'""",
    )


async def _list(offer: OnOffer, *, as_json: bool) -> None:
    from voicecli.talk.event_json import harmless

    toolbox = offer.toolbox
    async with offer.servers:
        _warn((*offer.warnings, *_news(toolbox)))
        if as_json:
            rows = [_as_json(tool, toolbox) for tool in toolbox.offered]
            print(harmless(json.dumps(rows, ensure_ascii=False, indent=2)))
        else:
            _print_for_a_person(toolbox)


async def _call(offer: OnOffer, name: str, args: Mapping[str, object]) -> ExitCode:
    from voicecli.cli.prints import prints_on_stderr
    from voicecli.talk.event_json import harmless
    from voicecli.tools.runner import run
    from voicecli.ui.escape import one_line

    def show(result: object) -> None:
        print(harmless(json.dumps(result, ensure_ascii=False)), file=stdout, flush=True)

    stdout = sys.stdout
    async with offer.servers:
        _warn((*offer.warnings, *_news(offer.toolbox)))
        tool = offer.toolbox.get(name)
        if tool is None:
            known = ", ".join(one.name for one in offer.toolbox.offered)
            why = f"there are: {known}" if known else ""
            raise UsageError(f"there is no function {name}", why=why, hint="voicecli tools list")
        with prints_on_stderr():
            outcome = await run(tool, args, show)
    if outcome.error is not None:
        raise VoicecliError(f"{name} failed", why=one_line(outcome.error))
    if not outcome.over:
        show(outcome.result)
    return ExitCode.DONE


def _news(toolbox: Toolbox) -> Iterable[Warning]:
    """What the servers had to say while they started."""
    return [(news.message, news.hint) for news in toolbox.take_news() if news.warning]


def _warn(warnings: Iterable[Warning]) -> None:
    from voicecli.ui.escape import one_line

    for message, hint in dict.fromkeys(warnings):
        print(f"voicecli: warning: {one_line(message)}", file=sys.stderr)
        if hint:
            print(f"hint: {hint}", file=sys.stderr)


def _print_for_a_person(toolbox: Toolbox) -> None:
    from voicecli.tools.built_in.catalogue import NAMES

    for tool in toolbox.offered:
        print("\n".join(_in_words(tool, toolbox)))
    if not toolbox.offered:
        print("The model is offered no function.", file=sys.stderr)
    off = ", ".join(name for name in NAMES if toolbox.get(name) is None)
    if off:
        print(f"\nOff: {off}. Name them with --tool or in `offer`.", file=sys.stderr)


def _in_words(tool: Tool, toolbox: Toolbox) -> list[str]:
    """Name, risk and origin in the first line; what it does and takes below."""
    from voicecli.ui.escape import one_line

    ways = [toolbox.risk(tool).value, *(["in the background"] if tool.background else [])]
    head = f"{one_line(tool.name)}  ({', '.join(ways)}; {one_line(tool.origin)})"
    lines = [head, f"    {one_line(tool.description)}"]
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list | tuple) else ()
    properties = tool.parameters.get("properties")
    for name, schema in (properties if isinstance(properties, Mapping) else {}).items():
        shown = one_line(json.dumps(schema, ensure_ascii=False))
        lines.append(f"    {one_line(name)}{'' if name in needed else '?'}: {shown}")
    return lines


def _as_json(tool: Tool, toolbox: Toolbox) -> dict[str, object]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "risk": toolbox.risk(tool).value,
        "background": tool.background,
        "scheduling": tool.scheduling,
        "origin": tool.origin,
    }
