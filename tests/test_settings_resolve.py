"""Six places can set the same thing. People must be able to predict which wins, and see it."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settings_folder import ANY_SPEED, Machine, toml, toml_table

from voicecli.errors import UsageError
from voicecli.settings import FIELDS, Settings
from voicecli.settings.fields import Field
from voicecli.settings.tables import RISKS, SERVERS
from voicecli.settings.values import (
    DEVICE,
    FILE,
    FILES,
    LINE,
    NAMES,
    SWITCH,
    TEXT,
    THINKING,
    URL,
    WORDS,
    Place,
)

# The order of the rule, the winner first.
SOURCES = ("flag", "environment", "project profile", "project", "user profile", "user")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def sample(field: Field, number: int) -> object:
    """A value that fits the setting; another one for each number where the kind allows it."""
    samples: dict[object, object] = {
        LINE: f"line{number}",
        TEXT: f"text{number}",
        DEVICE: f"device{number}",
        FILE: f"file{number}",
        SWITCH: number % 2 == 0,
        WORDS: ["program", str(number)],
        URL: f"https://host{number}",
        FILES: [f"one{number}", f"two{number}"],
        NAMES: [f"one{number}", f"two{number}"],
        RISKS: {"shell": ("safe", "ask", "deny")[number % 3]},
        SERVERS: {"files": {"command": f"program{number}"}},
        THINKING: str(number),
        FIELDS["history_days"].kind: number + 1,
        FIELDS["context_compression.trigger_tokens"].kind: number + 1,
        FIELDS["patience"].kind: ("low", "normal", "high")[number % 3],
    }
    return samples.get(field.kind, number / 10)


def as_variable(field: Field, value: object) -> str:
    if isinstance(value, list):
        return (os.pathsep if field.kind is FILES else " ").join(value)
    if field.kind is RISKS and isinstance(value, dict):
        return ", ".join(f"{name}={risk}" for name, risk in value.items())
    if field.kind is SERVERS:
        return json.dumps(value)
    return value if isinstance(value, str) else toml(value)


@ANY_SPEED
@given(
    field=st.sampled_from(list(FIELDS.values())),
    given_in=st.sets(st.sampled_from(SOURCES)),
    profile_by_flag=st.booleans(),
)
def test_the_first_source_that_has_a_value_wins(
    tmp_path_factory: pytest.TempPathFactory,
    field: Field,
    given_in: set[str],
    profile_by_flag: bool,
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    if field.trusted_only:
        given_in -= {"project", "project profile"}
    raw = {source: sample(field, number) for number, source in enumerate(SOURCES)}

    def table(source: str) -> dict[str, object]:
        return {field.name: raw[source]} if source in given_in else {}

    def file(source: str) -> str:
        profile = f"\n[profiles.work]\n{toml_table(table(source + ' profile'))}"
        return toml_table(table(source)) + profile

    env = {} if profile_by_flag else {"VOICECLI_PROFILE": "work"}
    if "environment" in given_in:
        env[field.environment_name] = as_variable(field, raw["environment"])
    got = machine.resolve(
        {field.name: raw["flag"] if "flag" in given_in else None},
        env=env,
        dotenv=f"{field.environment_name}=1\nVOICECLI_PROFILE=evil\n",
        project=file("project"),
        user=file("user"),
        profile="work" if profile_by_flag else None,
    )

    user_file = machine.user_file
    expected = {
        "flag": (field.flag, Place(machine.cwd, text_too=True)),
        "environment": (
            f"{field.environment_name} in the environment",
            Place(machine.cwd, text_too=True),
        ),
        "project profile": ("profile work in ./voicecli.toml", Place(machine.cwd, confined=True)),
        "project": ("./voicecli.toml", Place(machine.cwd, confined=True)),
        "user profile": (f"profile work in {user_file}", Place(user_file.parent)),
        "user": (str(user_file), Place(user_file.parent)),
    }
    winner = next((source for source in SOURCES if source in given_in), None)
    value = getattr(got.settings, field.attribute)
    if winner is None:
        assert (got.origins[field.name], value) == ("default", field.default)
        return
    origin, place = expected[winner]
    assert got.origins[field.name] == origin
    assert value == field.kind.parse(raw[winner], place)


def test_nothing_given_gives_the_defaults(machine: Machine) -> None:
    got = machine.resolve()
    assert got.settings == Settings()
    assert set(got.origins.values()) == {"default"}
    assert got.env == {}


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().model = "other"  # type: ignore[misc]


def test_a_switch_that_a_flag_turns_off_is_off(machine: Machine) -> None:
    got = machine.resolve({"local": False}, user="local = true")
    assert (got.settings.local, got.origins["local"]) == (False, "--local")


@pytest.mark.parametrize(("text", "value"), [("on", True), ("off", False)])
def test_a_switch_may_be_text_in_a_flag_but_not_in_a_file(
    machine: Machine, text: str, value: bool
) -> None:
    assert machine.resolve({"barge_in": text}).settings.barge_in is value
    with pytest.raises(UsageError, match=r"^--barge-in must be true or false: it is neither"):
        machine.resolve({"barge_in": "perhaps"})
    with pytest.raises(UsageError, match=r"must be true or false: it is a string"):
        machine.resolve(user=f'barge_in = "{text}"')


def test_a_choice_that_there_is_not_is_refused_with_those_that_there_are(machine: Machine) -> None:
    assert machine.resolve(env={"VOICECLI_PATIENCE": "HIGH"}).settings.patience == "high"
    with pytest.raises(UsageError, match=r"^--patience must be low, normal or high: it is none"):
        machine.resolve({"patience": "endless"})


def test_a_wrong_flag_is_told_by_its_name(machine: Machine) -> None:
    with pytest.raises(UsageError, match=r"^--temperature must be a number from 0 to 2: it is out"):
        machine.resolve({"temperature": 3.0})


def test_a_wrong_variable_is_told_by_its_name(machine: Machine) -> None:
    with pytest.raises(UsageError, match=r"^VOICECLI_LOCAL in the environment must be true or"):
        machine.resolve(env={"VOICECLI_LOCAL": "perhaps"})


def test_a_flag_that_is_no_setting_is_a_mistake_of_the_program(machine: Machine) -> None:
    with pytest.raises(KeyError):
        machine.resolve({"colour": "red"})


def test_an_empty_variable_is_not_set(machine: Machine) -> None:
    got = machine.resolve(env={"VOICECLI_VOICE": "", "VOICECLI_PROFILE": ""}, user='voice = "Puck"')
    assert got.settings.voice == "Puck"


# Profiles


def test_no_profile_is_used_unless_chosen(machine: Machine) -> None:
    text = 'voice = "Puck"\n[profiles.work]\nvoice = "Kore"\n[profiles.""]\nvoice = "Leda"'
    assert machine.resolve(user=text).settings.voice == "Puck"


def test_the_flag_wins_over_the_variable_for_the_profile(machine: Machine) -> None:
    text = '[profiles.a]\nvoice = "Puck"\n[profiles.b]\nvoice = "Kore"'
    got = machine.resolve(user=text, env={"VOICECLI_PROFILE": "a"}, profile="b")
    assert got.settings.voice == "Kore"


def test_an_unusual_profile_name_is_quoted_in_the_origin(machine: Machine) -> None:
    got = machine.resolve(project='[profiles."a b"]\nvoice = "Puck"', profile="a b")
    assert got.origins["voice"] == "profile 'a b' in ./voicecli.toml"


def test_an_unknown_profile_is_told_with_the_nearest(machine: Machine) -> None:
    with pytest.raises(UsageError) as caught:
        machine.resolve(user="[profiles.Work]\n[profiles.home]", profile="wrok")
    assert str(caught.value) == "unknown profile 'wrok' (--profile): did you mean 'Work'?"


def test_an_unknown_profile_like_no_other_is_told_with_all(machine: Machine) -> None:
    with pytest.raises(UsageError) as caught:
        machine.resolve(
            user="[profiles.work]", project="[profiles.home]", env={"VOICECLI_PROFILE": "zzz"}
        )
    assert str(caught.value) == (
        "unknown profile 'zzz' (VOICECLI_PROFILE): there are 'home', 'work'"
    )


@pytest.mark.parametrize("name", ["work", ""])
def test_a_profile_without_any_in_the_files_is_unknown(machine: Machine, name: str) -> None:
    with pytest.raises(UsageError, match="no settings file has profiles"):
        machine.resolve(profile=name)


# The environment


def test_the_environment_is_completed_from_dotenv_and_wins(machine: Machine) -> None:
    env = {"GOOGLE_API_KEY": "real", "GOOGLE_CLOUD_PROJECT": "", "HOME": "/h"}
    dotenv = "GOOGLE_API_KEY=other\nGOOGLE_CLOUD_PROJECT=p\nPATH=evil\n"
    got = machine.resolve(env=env, dotenv=dotenv)
    assert got.env == {"GOOGLE_API_KEY": "real", "GOOGLE_CLOUD_PROJECT": "p", "HOME": "/h"}
    assert got.dotenv_names == {"GOOGLE_CLOUD_PROJECT"}


def test_a_printed_result_holds_no_environment(machine: Machine) -> None:
    got = machine.resolve(env={"GOOGLE_API_KEY": "hush"}, user='api_key_command = ["echo", "hush"]')
    assert "hush" not in repr(got)
