"""The key opens somebody's account: it must be found where people keep it, and never show."""

from __future__ import annotations

import json
import re
import sys
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from settings_folder import ANY_SPEED, Machine, toml

from voicecli.errors import CredentialsError
from voicecli.settings import ApiKey, Resolved, find_key, redact
from voicecli.settings import key as key_module
from voicecli.settings.key import key_origin

SECRET = "AIzaSyD-0123456789_abcdefghijklmnopqrstu"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def with_command(machine: Machine, *words: str, env: dict[str, str] | None = None) -> Resolved:
    return machine.resolve(user=f"api_key_command = {toml(list(words))}", env=env)


def with_python(machine: Machine, code: str, env: dict[str, str] | None = None) -> Resolved:
    return with_command(machine, sys.executable, "-c", code, env=env)


def refused(resolved: Resolved) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        find_key(resolved)
    return caught.value


def everything(error: CredentialsError) -> str:
    return f"{error!r} {error} {error.hint} {error.__cause__!r}"


# Where it comes from


def test_a_key_prints_as_its_origin_only() -> None:
    key = ApiKey(SECRET, "GOOGLE_API_KEY in the environment")
    assert SECRET not in f"{key} {key!r} {[key]}"
    assert str(key) == "a key from GOOGLE_API_KEY in the environment"


@pytest.mark.parametrize(
    ("env", "dotenv", "value", "origin"),
    [
        ("GG", "", "e-google", "GOOGLE_API_KEY in the environment"),
        ("gG", "", "e-google", "GOOGLE_API_KEY in the environment"),
        ("g", "", "e-gemini", "GEMINI_API_KEY in the environment"),
        ("g", "G", "e-gemini", "GEMINI_API_KEY in the environment"),
        ("", "gG", "d-google", "GOOGLE_API_KEY in ./.env"),
        ("", "g", "d-gemini", "GEMINI_API_KEY in ./.env"),
    ],
)
def test_the_environment_wins_over_dotenv_and_google_over_gemini(
    machine: Machine, env: str, dotenv: str, value: str, origin: str
) -> None:
    names = {"G": ("GOOGLE_API_KEY", "google"), "g": ("GEMINI_API_KEY", "gemini")}
    resolved = machine.resolve(
        env={names[letter][0]: f"e-{names[letter][1]}" for letter in env},
        dotenv="".join(f"{names[letter][0]}=d-{names[letter][1]}\n" for letter in dotenv),
        user='api_key_command = "this-program-is-never-run"',
    )
    assert find_key(resolved) == ApiKey(value, origin)
    assert key_origin(resolved) == origin


def test_without_a_key_the_three_ways_and_the_local_one_are_named(machine: Machine) -> None:
    error = refused(machine.resolve(env={"GOOGLE_API_KEY": ""}))
    assert error.exit_code == 3
    message = f"{error} {error.hint}"
    for way in ("GOOGLE_API_KEY", "GEMINI_API_KEY", ".env", "api_key_command"):
        assert way in message
    assert "voicecli talk --local" in message
    assert key_origin(machine.resolve()) == ""


@pytest.mark.parametrize(
    "bad", ["two words", "line\nbreak", "tab\t", "bell\x07", "naïve", "\x7f", " sesame"]
)
def test_what_cannot_be_a_key_is_refused_without_showing_it(machine: Machine, bad: str) -> None:
    error = refused(machine.resolve(env={"GEMINI_API_KEY": bad}))
    assert "GEMINI_API_KEY in the environment" in str(error)
    assert bad not in everything(error)


# From a command


def test_the_first_line_that_a_command_prints_is_the_key(machine: Machine) -> None:
    resolved = with_python(machine, f"print({SECRET!r}); print('login: ada')")
    assert find_key(resolved) == ApiKey(SECRET, f"api_key_command ({Path(sys.executable).name})")


def test_windows_line_ends_are_no_part_of_the_key(machine: Machine) -> None:
    code = r"import os; os.write(1, b'abc\r\n')"
    assert find_key(with_python(machine, code)).value == "abc"


def test_a_command_needs_no_line_end(machine: Machine) -> None:
    assert find_key(with_python(machine, "print('abc', end='')")).value == "abc"


def test_a_commands_own_words_reach_the_terminal(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    find_key(with_python(machine, "import sys; print('unlock', file=sys.stderr); print('abc')"))
    assert "unlock" in capfd.readouterr().err


def test_a_command_cannot_eat_what_was_piped_into_voicecli(machine: Machine) -> None:
    code = "import sys; print('eof' if sys.stdin.read() == '' else 'data')"
    assert find_key(with_python(machine, code)).value == "eof"


def test_no_shell_reads_the_command(machine: Machine) -> None:
    code = "import sys; print(sys.argv[1])"
    resolved = with_command(machine, sys.executable, "-c", code, "$(id);>x")
    assert find_key(resolved).value == "$(id);>x"


def test_a_command_sees_the_real_environment_and_nothing_of_dotenv(machine: Machine) -> None:
    code = "import os; print(os.environ.get('GOOGLE_CLOUD_PROJECT', 'unset') + os.environ['A'])"
    machine.resolve(dotenv="GOOGLE_CLOUD_PROJECT=strange")
    assert find_key(with_python(machine, code, env={"A": "1"})).value == "unset1"


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\necho from-$0 | tr -d ' '\n")
    path.chmod(0o700)
    return path


def test_a_program_is_found_on_the_path(machine: Machine, tmp_path: Path) -> None:
    path = program(tmp_path / "bin", "my-key")
    env = {"PATH": f"{path.parent}:/usr/bin:/bin"}
    assert find_key(with_command(machine, "my-key", env=env)).value == f"from-{path}"


def test_a_program_may_begin_at_home(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "bin", "my-key")
    monkeypatch.setenv("HOME", str(tmp_path))
    env = {"PATH": "/usr/bin:/bin"}
    assert find_key(with_command(machine, "~/bin/my-key", env=env)).value == f"from-{path}"


@pytest.mark.parametrize(("command", "search"), [("./my-key", "/bin"), ("my-key", ".:/bin")])
def test_a_program_in_the_current_folder_is_not_run(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, command: str, search: str
) -> None:
    program(machine.cwd, "my-key")
    monkeypatch.chdir(machine.cwd)
    error = refused(with_command(machine, command, env={"PATH": search}))
    assert "current folder is not run" in str(error)


def test_a_missing_program_is_named(machine: Machine) -> None:
    error = refused(with_command(machine, "no-such-program-here", SECRET))
    assert str(error) == (
        "api_key_command (no-such-program-here) gave no key: there is no such program"
    )
    assert SECRET not in everything(error)


def test_a_program_that_the_system_cannot_run_is_named(machine: Machine, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o700)
    assert "(broken) gave no key: Exec format error" in str(
        refused(with_command(machine, str(broken)))
    )


def test_a_failing_command_is_named_without_its_output_or_words(machine: Machine) -> None:
    error = refused(with_python(machine, f"print({SECRET!r}); raise SystemExit(7)"))
    assert f"({Path(sys.executable).name}) gave no key: it ended with exit code 7" in str(error)
    assert SECRET not in everything(error)


@pytest.mark.parametrize("code", ["pass", "print()", "print('\\n' + 'second line')"])
def test_an_empty_first_line_is_no_key(machine: Machine, code: str) -> None:
    assert "first line of output is empty" in str(refused(with_python(machine, code)))


@pytest.mark.parametrize("code", ["print('two words')", r"import os; os.write(1, b'\xff\xfe\n')"])
def test_a_command_that_prints_no_key_is_told_without_its_output(
    machine: Machine, code: str
) -> None:
    error = refused(with_python(machine, code))
    assert "the value of api_key_command" in str(error)
    assert "two words" not in everything(error)


def test_a_command_that_does_not_end_is_stopped(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_module, "COMMAND_TIMEOUT_S", 0.5)
    code = f"import time; print({SECRET!r}, flush=True); time.sleep(600)"
    error = refused(with_python(machine, code))
    assert "no answer in 0.5 s" in str(error)
    assert SECRET not in everything(error)


# Redaction


def test_every_occurrence_of_a_key_is_replaced() -> None:
    text = "GET /x?key=sesame failed; sesame is not valid"
    assert redact(text, ApiKey("sesame", "a test")) == "GET /x?key=[key] failed; [key] is not valid"


def test_the_longer_of_two_keys_is_replaced_whole() -> None:
    assert redact("open-sesame open", "open", "open-sesame") == "[key] [key]"


def test_an_empty_key_changes_nothing() -> None:
    assert redact("nothing", "") == "nothing"


@pytest.mark.parametrize(
    "shaped",
    [
        SECRET,
        "AQ.Ab8RN6IexampleExampleExample-_",
        "auth_tokens/0123abcdef",
        "auth_tokens%2F0123abcdef",
        "auth_tokens%2f0123abcdef",
        "ya29.a0AfH6SMBexample-_x",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "key={}&alt=sse", '"{}"', "%3D{}%26", "Token {}.", "({})"]
)
def test_what_looks_like_a_key_is_replaced_though_nobody_named_it(shaped: str, around: str) -> None:
    redacted = redact(around.format(shaped))
    assert "[key]" in redacted
    assert shaped not in redacted


@pytest.mark.parametrize(
    "text", ["", "the FAQ. and more", "auth_tokens/ is a prefix", "AIza", "AQ.1"]
)
def test_other_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


# What a real key may hold, and what a URL would quote in it.
KEYS = st.text("ABCXYZabcxyz0189-_./~+=&%$*^()!", min_size=6, max_size=40)


@ANY_SPEED
@given(before=st.text(), between=st.text(), after=st.text(), keys=st.lists(KEYS, min_size=1))
@example(before="", between="", after="", keys=["%41%41%41", "AAAAAA"])
def test_no_key_gets_through(before: str, between: str, after: str, keys: list[str]) -> None:
    forms = [form(key) for key in keys for form in FORMS]
    redacted = redact(before + between.join(forms) + after, *keys)
    for key in keys:
        for form in FORMS:
            assert form(key) not in redacted


def as_it_is(key: str) -> str:
    return key


def quoted(key: str) -> str:
    return urllib.parse.quote(key, safe="")


def quoted_as_path(key: str) -> str:
    return urllib.parse.quote(key)


def quoted_as_form(key: str) -> str:
    return urllib.parse.urlencode({"key": key}).removeprefix("key=")


def in_json(key: str) -> str:
    return json.dumps(key)[1:-1]


def quoted_with_small_letters(key: str) -> str:
    return re.sub("%..", lambda code: code[0].lower(), quoted(key))


FORMS = (as_it_is, quoted, quoted_with_small_letters, quoted_as_path, quoted_as_form, in_json)


@ANY_SPEED
@given(st.text(), st.text())
def test_redaction_never_fails(text: str, key: str) -> None:
    redact(text, key, "\ud800")
