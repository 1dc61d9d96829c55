"""The example settings file and docs/settings.md, both made from the list of settings.

The example ships inside the package this way, and the copies in the repository cannot grow stale:
a test compares them. `python -m voicecli.settings.example FOLDER` writes them anew.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from voicecli.settings.fields import FIELDS, Field

EXAMPLE_FILE = "config.example.toml"
MARKDOWN_FILE = "docs/settings.md"

_WIDTH = 88

_EXAMPLE_HEAD = """\
# Settings of voicecli. `voicecli config init` writes this file, `voicecli config show` tells
# what holds and why. A line with "# " before its name is off; take the sign away to set it.
# Flags and the environment win over this file, and so does a voicecli.toml in the current folder.
"""

_EXAMPLE_PROFILES = """\
# Profiles hold the same settings under a name: `voicecli talk --profile work`, or
# VOICECLI_PROFILE=work. Their values win over the ones above.
#
# [profiles.work]
"""

_MARKDOWN_HEAD = """\
# Settings

Flags > environment > `.env` > `./voicecli.toml` > your own settings file > defaults: the first
that has a value wins. `voicecli config show` prints every value and where it came from,
`voicecli config path` where the files are, and `voicecli config init` writes a file to start from.
Unknown names and wrong types are errors. A variable that is empty counts as not set.

"""

_MARKDOWN_TAIL = """
File names are taken from the folder of the file that they stand in, in flags and the environment
from the current folder. A `system` that begins with `@` names a file of at most 100 kB; `@@` begins
a text with a literal `@`. The words of a command may be a list or one string; no shell reads them.

## Profiles

`[profiles.NAME]` in either file holds the same settings. `--profile NAME`, or
`VOICECLI_PROFILE=NAME`, chooses one: its values win over the other ones of the same file.

## The key

`GOOGLE_API_KEY`, else `GEMINI_API_KEY`, in the environment; else in `.env` in the current folder;
else the first line that `api_key_command` prints, within 30 seconds. It is never taken from a flag
and never shown.

## Folders that somebody else wrote

The settings marked "your own only" are refused in `./voicecli.toml`, in its profiles too: they run
programs, send the key elsewhere, or decide what is kept of your conversations. File names in it
must stay inside the folder and may not name hidden files. `.env` gives `GOOGLE_API_KEY`,
`GEMINI_API_KEY`, `GOOGLE_CLOUD_PROJECT` and `GOOGLE_CLOUD_LOCATION`; everything else in it is left
to the programs that it was written for.
"""


def example_toml() -> str:
    """A settings file with every setting explained and switched off."""
    parts = [_EXAMPLE_HEAD]
    for field in FIELDS.values():
        comment = "".join(f"# {line}\n" for line in _about(field))
        parts.append(f"{comment}# {_assignment(field)}\n")
    profile = "".join(f"# {_assignment(FIELDS[name])}\n" for name in ("voice", "temperature"))
    parts.append(_EXAMPLE_PROFILES + profile)
    return "\n".join(parts)


def settings_markdown() -> str:
    """The page docs/settings.md."""
    lines = [
        "| Name | What it does | Value | Default | Environment | Files |",
        "|---|---|---|---|---|---|",
    ]
    for field in FIELDS.values():
        default = "" if field.default in (None, ()) else f"`{_toml(field.default)}`"
        files = "your own only" if field.trusted_only else "both"
        cells = (f"`{field.name}`", field.about, field.kind.expects, default)
        lines.append(f"| {' | '.join(cells)} | `{field.environment_name}` | {files} |")
    return _MARKDOWN_HEAD + "\n".join(lines) + "\n" + _MARKDOWN_TAIL


def write_files(root: Path) -> None:
    """Write both into the repository at `root`."""
    (root / EXAMPLE_FILE).write_text(example_toml(), encoding="utf-8")
    (root / MARKDOWN_FILE).write_text(settings_markdown(), encoding="utf-8")


def _about(field: Field) -> list[str]:
    where = f"Environment: {field.environment_name}."
    if field.trusted_only:
        where += " Not allowed in ./voicecli.toml."
    return [*textwrap.wrap(field.about, _WIDTH, break_on_hyphens=False), where]


def _assignment(field: Field) -> str:
    return f"{field.name} = {_toml(field.example)}"


def _toml(value: object) -> str:
    """Strings, numbers, switches and lists are the same in JSON and TOML; tables are not."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    write_files(Path(sys.argv[1]))
