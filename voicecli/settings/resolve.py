"""From all sources to one `Settings`, with the origin of every value.

Flags > environment > `./voicecli.toml` > the user's settings file > defaults. The environment is
completed with what `.env` may give: keys and Google Cloud names, no settings.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from types import MappingProxyType

from voicecli import paths
from voicecli.errors import UsageError
from voicecli.settings.fields import ENVIRONMENT_PREFIX, FIELDS, Settings
from voicecli.settings.files import (
    FILES_HINT,
    Given,
    Origin,
    SettingsFile,
    check,
    load,
    load_dotenv,
    nearest,
    quoted,
)
from voicecli.settings.values import Place

PROFILE_VARIABLE = ENVIRONMENT_PREFIX + "PROFILE"
PROJECT_LABEL = f"./{paths.PROJECT_FILE_NAME}"
DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings, where each came from, and the environment with the allowed part of `.env`."""

    settings: Settings
    origins: Mapping[str, Origin]
    # Environments hold secrets: never in a log or a traceback.
    env: Mapping[str, str] = dataclass_field(repr=False)
    dotenv_names: frozenset[str]
    """Which names of `env` came from `.env`."""


def resolve(
    flags: Mapping[str, object],
    *,
    env: Mapping[str, str],
    cwd: Path,
    user_file: Path,
    profile: str | None,
) -> Resolved:
    """Put the sources together; a flag that is None and a variable that is empty are not given.

    `flags` has the settings' names as keys (another name is a KeyError), `profile` wins over
    VOICECLI_PROFILE. UsageError for an unknown key or profile, a wrong value, a broken file.
    """
    project = load(cwd / paths.PROJECT_FILE_NAME, Place(cwd, confined=True), PROJECT_LABEL)
    user = load(user_file, Place(user_file.parent), paths.tilde(user_file))
    chosen = _chosen_profile(profile, env, project, user)
    layers: list[dict[str, Given]] = [_from_flags(flags, cwd), _from_environment(env, cwd)]
    for file in (project, user):
        if chosen is not None:
            layers.append(dict(file.profiles.get(chosen, {})))
        layers.append(dict(file.plain))
    given = ChainMap(*layers)
    from_dotenv = {name: value for name, value in load_dotenv(cwd).items() if not env.get(name, "")}
    values: dict[str, object] = {FIELDS[name].attribute: one.value for name, one in given.items()}
    return Resolved(
        settings=Settings(**values),  # type: ignore[arg-type]  # checked by their kinds
        origins=MappingProxyType(
            {name: given[name].origin if name in given else DEFAULT for name in FIELDS}
        ),
        env=MappingProxyType({**env, **from_dotenv}),
        dotenv_names=frozenset(from_dotenv),
    )


def _from_flags(flags: Mapping[str, object], cwd: Path) -> dict[str, Given]:
    place = Place(cwd, text_too=True)
    given = {}
    for name, raw in flags.items():
        field = FIELDS[name]
        if raw is not None:
            given[name] = Given(check(field, raw, place, field.flag), Origin(field.flag))
    return given


def _from_environment(env: Mapping[str, str], cwd: Path) -> dict[str, Given]:
    place = Place(cwd, text_too=True)
    given = {}
    for name, field in FIELDS.items():
        raw = env.get(field.environment_name, "")
        if raw:
            origin = Origin(f"{field.environment_name} in the environment")
            given[name] = Given(check(field, raw, place, origin), origin)
    return given


def _chosen_profile(
    profile: str | None, env: Mapping[str, str], *files: SettingsFile
) -> str | None:
    """The profile's name, or None for none; UsageError if no file has it."""
    chosen = profile if profile is not None else env.get(PROFILE_VARIABLE) or None
    known = sorted({name for file in files for name in file.profiles})
    if chosen is None or chosen in known:
        return chosen
    meant = nearest(chosen, known)
    asked_by = "--profile" if profile is not None else PROFILE_VARIABLE
    if meant:
        why = f"did you mean {quoted(meant)}?"
    elif known:
        why = "there are " + ", ".join(quoted(name) for name in known[:10])
    else:
        why = "no settings file has profiles"
    raise UsageError(
        f"unknown profile {quoted(chosen)} ({asked_by})",
        why=why,
        hint=FILES_HINT,
    )
