"""Errors carry what a user needs, and the exit codes that the README documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from voicecli import errors
from voicecli.cli.app import EXIT_CODES
from voicecli.errors import ExitCode, NetworkError, QuotaError, VoicecliError, first_error

README = Path(__file__).parents[1] / "README.md"


def test_an_error_says_what_and_why() -> None:
    assert str(VoicecliError("it broke", why="too hot", hint="cool it")) == "it broke: too hot"
    assert str(VoicecliError("it broke")) == "it broke"


def test_every_error_has_the_exit_code_of_its_kind() -> None:
    codes = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, VoicecliError)
    }
    assert codes == {
        "VoicecliError": 1,
        "UsageError": 2,
        "CredentialsError": 3,
        "SoundDeviceError": 4,
        "NetworkError": 5,
        "QuotaError": 5,
        "PartlyDoneError": 6,
    }


def test_help_and_readme_name_every_exit_code() -> None:
    readme = README.read_text(encoding="utf-8")
    for code in ExitCode:
        assert f"{code.value} " in EXIT_CODES
        assert f"| {code.value} |" in readme


def test_the_first_error_of_a_nested_group_is_found() -> None:
    quota, network = QuotaError("quota"), NetworkError("network")
    nested: list[Any] = [BaseExceptionGroup("b", [quota]), network]
    group: BaseExceptionGroup[VoicecliError] = BaseExceptionGroup("a", nested)
    assert first_error(group) is quota
