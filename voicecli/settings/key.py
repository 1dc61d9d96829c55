"""The key: where it comes from, and how it never shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicecli.errors import CredentialsError
from voicecli.paths import tilde, user_config_file

if TYPE_CHECKING:
    from voicecli.settings.resolve import Resolved

# The first wins, as in Google's SDK.
KEY_VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")

# Long enough to unlock a password store by hand.
COMMAND_TIMEOUT_S = 30.0

REDACTED = "[key]"

# Google's API keys, its newer and its short-lived ones, and OAuth tokens; also URL-quoted.
_KEY_SHAPES = re.compile(
    r"AIza[\w-]{10,}|AQ\.[\w-]{20,}|ya29\.[\w.-]{10,}|auth_tokens(?:/|%2[Ff])[\w.~%-]+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A secret and where it came from; printing one shows the origin only."""

    value: str = field(repr=False)
    origin: str

    def __str__(self) -> str:
        return f"a key from {self.origin}"


def key_origin(resolved: Resolved) -> str:
    """Where `find_key` would take the key from, in words; '' if there is none. Runs nothing."""
    variable = _variable(resolved)
    if variable:
        where = "./.env" if variable in resolved.dotenv_names else "the environment"
        return f"{variable} in {where}"
    command = resolved.settings.api_key_command
    return f"api_key_command ({_program(command)})" if command else ""


def find_key(resolved: Resolved) -> ApiKey:
    """The key from the environment, `.env` or `api_key_command`, in this order.

    Blocks while the command runs. CredentialsError if there is no key or it cannot be one.
    """
    origin = key_origin(resolved)
    variable = _variable(resolved)
    command = resolved.settings.api_key_command
    if variable:
        value = resolved.env[variable]
    elif command:
        value = _key_from_command(command, resolved)
    else:
        raise CredentialsError(
            "there is no API key",
            why="set GOOGLE_API_KEY or GEMINI_API_KEY in the environment, write it into a file "
            f".env in this folder, or set api_key_command in {tilde(user_config_file())}",
            hint="`voicecli talk --local` works without a key, and so does transcribe --local",
        )
    if not value or not all("!" <= character <= "~" for character in value):
        raise CredentialsError(
            f"the value of {origin} cannot be a key",
            why="a key is one word: no spaces, line breaks, control characters or accents",
            hint="copy the key once more, and nothing around it",
        )
    return ApiKey(value, origin)


def _variable(resolved: Resolved) -> str:
    """The variable that holds the key, the environment's own before those of `.env`; '' if none."""
    for from_dotenv in (False, True):
        for name in KEY_VARIABLES:
            if resolved.env.get(name) and (name in resolved.dotenv_names) is from_dotenv:
                return name
    return ""


def _program(command: tuple[str, ...]) -> str:
    """The program's name: the other words may be nobody else's business."""
    return os.path.basename(command[0]) or command[0]


def _key_from_command(command: tuple[str, ...], resolved: Resolved) -> str:
    """The first line that the command prints; its errors go to the user's terminal."""
    program = _program(command)
    env = {n: v for n, v in resolved.env.items() if n not in resolved.dotenv_names}
    found = shutil.which(os.path.expanduser(command[0]), path=env.get("PATH"))
    if found is None:
        raise _command_error(program, "there is no such program")
    if not os.path.isabs(found):
        # `./program`, a dot in PATH, or Windows' habit: the folder may be somebody else's.
        raise _command_error(program, "a program in the current folder is not run")
    try:
        done = subprocess.run(
            [found, *command[1:]],
            # Standard input may be the text or sound that voicecli was given.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_TIMEOUT_S,
            env=env,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _command_error(program, f"no answer in {COMMAND_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise _command_error(program, error.strerror or "it cannot be run") from None
    if done.returncode != 0:
        raise _command_error(program, f"it ended with exit code {done.returncode}")
    # Latin-1 reads every byte; what is not ASCII is refused as no key.
    first_line = done.stdout.decode("latin-1").partition("\n")[0].removesuffix("\r")
    if not first_line:
        raise _command_error(program, "its first line of output is empty")
    return first_line


def _command_error(program: str, why: str) -> CredentialsError:
    return CredentialsError(
        f"api_key_command ({program}) gave no key",
        why=why,
        hint="`voicecli config show` tells where api_key_command was set",
    )


def redact(text: str, *keys: ApiKey | str) -> str:
    """`text` with `[key]` for `keys`, URL-quoted or not, and for all that looks like one."""
    values = {key.value if isinstance(key, ApiKey) else key for key in keys}
    # The longest first: one key may be the beginning of another.
    for value in sorted(filter(None, values), key=len, reverse=True):
        text = re.sub("".join(map(_quoted_or_not, value)), REDACTED, text)
    return _KEY_SHAPES.sub(REDACTED, text)


def _quoted_or_not(character: str) -> str:
    """A pattern for one character as it is, or as percent signs and hexadecimal digits."""
    quoted = "".join(f"%{byte:02x}" for byte in character.encode(errors="surrogatepass"))
    return f"(?:{re.escape(character)}|(?i:{quoted}))"
