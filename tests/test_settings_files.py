"""Settings files are written by hand, and some by strangers.

A slip must be found at once with file, line and the name that was meant; a hostile file must not
run, read or send anything, hang, or crash the program.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settings_folder import ANY_SPEED, Machine, toml_table

from voicecli.errors import UsageError
from voicecli.settings import FIELDS, resolve
from voicecli.settings.files import (
    DOTENV_ALLOWED,
    MAX_FILE_BYTES,
    load_dotenv,
    nearest,
    quoted,
    read_small_file,
)


def refused(machine: Machine, *, project: str | bytes = b"", user: str | bytes = b"") -> UsageError:
    with pytest.raises(UsageError) as caught:
        machine.resolve(project=project, user=user)
    return caught.value


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# Small files


def test_a_small_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_small_file(tmp_path / "a", limit_bytes=5) == b"12345"


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1" * 2001)
    with pytest.raises(OSError, match="larger than 2 kB"):
        read_small_file(tmp_path / "a", limit_bytes=2000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on POSIX systems: named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OSError, match="not a regular file"):
        read_small_file(tmp_path / "a", limit_bytes=5)


# Names


def test_the_nearest_name_is_found_in_any_case() -> None:
    assert nearest("Tempreature", FIELDS) == "temperature"
    assert nearest("WROK", ["Work", "home"]) == "Work"
    assert nearest("x" * 100_000, FIELDS) == ""


def test_quoted_names_cannot_move_the_cursor_and_are_short() -> None:
    assert quoted("\x1b[2J\u202e") == r"'\x1b[2J\u202e'"
    assert len(quoted("x" * 10_000)) < 80


# TOML


@pytest.mark.parametrize(
    "text",
    [
        "context_compression.trigger_tokens = 5",
        "[context_compression]\ntrigger_tokens = 5",
        "context_compression = { trigger_tokens = 5 }",
    ],
)
def test_settings_that_belong_together_stand_in_a_table(machine: Machine, text: str) -> None:
    settings = machine.resolve(user=text).settings
    assert settings.context_compression_trigger_tokens == 5
    assert settings.context_compression_target_tokens == 32_000


def test_a_profile_has_such_tables_too(machine: Machine) -> None:
    text = "[profiles.work.context_compression]\ntarget_tokens = 7"
    got = machine.resolve(user=text, profile="work").settings
    assert got.context_compression_target_tokens == 7


@pytest.mark.parametrize(
    "text", ["context_compression = 5", "context_compression.tokens = 5", "model.name = 5"]
)
def test_another_table_or_another_name_in_it_is_refused(machine: Machine, text: str) -> None:
    assert refused(machine, user=text).exit_code == 2


def test_files_that_do_not_exist_set_nothing(machine: Machine) -> None:
    assert machine.resolve().settings.model == "gemini-3.8-live"


def test_a_file_in_place_of_the_settings_folder_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "cwd").mkdir()
    machine = Machine(tmp_path)
    (tmp_path / "config").write_text("")
    assert not machine.user_file.exists()
    got = resolve({}, env={}, cwd=machine.cwd, user_file=machine.user_file, profile=None)
    assert got.settings.voice is None


def test_an_unknown_name_is_told_with_file_and_nearest_name(machine: Machine) -> None:
    error = refused(machine, project='modle = "x"')
    assert str(error) == "unknown setting 'modle' in ./voicecli.toml: did you mean model?"
    assert error.exit_code == 2


def test_an_unknown_name_like_no_other_is_told_with_all(machine: Machine) -> None:
    error = refused(machine, project="zzzzzz = 1")
    assert str(error) == (
        "unknown setting 'zzzzzz' in ./voicecli.toml: `voicecli config show` lists all"
    )
    assert "config path" in error.hint  # `config show` would fail the same way


def test_a_key_in_the_settings_is_refused_and_not_repeated(machine: Machine) -> None:
    error = refused(machine, user='api_key = "AIzaSyVerySecretVerySecret"')
    assert "did you mean api_key_command?" in str(error)
    assert "Secret" not in str(error) + error.hint


def test_a_wrong_type_is_told_with_file_and_name(machine: Machine) -> None:
    error = refused(machine, user='temperature = "hot"')
    assert str(error) == (
        f"temperature in {machine.user_file} must be a number from 0 to 2: it is a string"
    )
    assert "config path" in error.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('model = "a"\nvoice = \n', 2),
        ("\n\n[profiles\n", 3),
        ('system = """\nnever\nclosed', 3),
        ("device = 1\ndevice = 2", 2),
    ],
)
def test_a_syntax_error_is_told_with_file_and_line(machine: Machine, text: str, line: int) -> None:
    error = refused(machine, project=text)
    assert str(error).startswith(f"./voicecli.toml, line {line}: not valid TOML: ")
    assert "(at" not in str(error)


def test_text_that_is_not_utf_8_is_told_with_its_line(machine: Machine) -> None:
    error = refused(machine, project=b'model = "a"\nvoice = "\xff"\n')
    assert str(error) == "./voicecli.toml, line 2: not UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_are_no_errors(machine: Machine) -> None:
    got = machine.resolve(user=b'\xef\xbb\xbfvoice = "Puck"\r\nlocal = true\r\n')
    assert (got.settings.voice, got.settings.local) == ("Puck", True)


def test_a_folder_in_place_of_the_file_is_told(machine: Machine) -> None:
    (machine.cwd / "voicecli.toml").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"\./voicecli\.toml cannot be read: it is not a regular"):
        machine.resolve()


def test_a_system_s_reason_is_told_without_numbers(machine: Machine) -> None:
    machine.cwd.mkdir()
    loop = machine.cwd / "voicecli.toml"
    loop.symlink_to(loop)
    with pytest.raises(UsageError, match=r"cannot be read: Too many levels") as caught:
        machine.resolve()
    assert "Errno" not in str(caught.value)


@pytest.mark.parametrize(
    "hostile",
    [
        "model = " + "[" * 50_000,
        "temperature = " + "9" * 5_000,
        "temperature = 0x" + "f" * 5_000,
        "input_device = 0x" + "f" * 5_000,
        "#" * (MAX_FILE_BYTES + 1),
        '"' + "k" * 100_000 + '" = 1',
        r'"\u001b[2J" = 1',
        r'model = "\u001b[2J"',
        r'[profiles."\u001b[2J"]' + "\nmodle = 1",
        "model = 2026-13-45",
    ],
    ids=range(10),
)
def test_a_hostile_file_gets_a_short_clean_refusal(machine: Machine, hostile: str) -> None:
    message = str(refused(machine, project=hostile))
    assert len(message) < 400
    assert message.isprintable()


# Profiles


@pytest.mark.parametrize("text", ["profiles = 1", "profiles = ['work']", "profiles.work = 5"])
def test_profiles_are_tables(machine: Machine, text: str) -> None:
    assert "table" in str(refused(machine, project=text))


def test_profiles_are_checked_even_if_not_chosen(machine: Machine) -> None:
    error = refused(machine, project="[profiles.work]\nmodle = 1")
    assert "profile work in ./voicecli.toml" in str(error)


def test_profiles_do_not_nest(machine: Machine) -> None:
    assert "unknown setting" in str(refused(machine, user="[profiles.a.profiles.b]\nlocal = true"))


# What a stranger's folder may not do

REFUSED_SETTINGS = [
    ("api_key_command", '["touch", "evil"]'),
    ("api_key_command", '"touch evil"'),
    ("base_url", '"https://evil.example"'),
]


@pytest.mark.parametrize(("name", "value"), REFUSED_SETTINGS)
@pytest.mark.parametrize("header", ["", "[profiles.work]\n"])
def test_a_strangers_folder_cannot_run_programs_or_move_the_key(
    machine: Machine, name: str, value: str, header: str
) -> None:
    error = refused(machine, project=f"{header}{name} = {value}")
    assert str(error).startswith(f"{name} may not be set in ")
    assert "./voicecli.toml" in str(error)
    assert "your own settings file" in str(error)
    assert FIELDS[name].environment_name in str(error)
    assert "evil" not in str(error)


@pytest.mark.parametrize(
    ("name", "value"), [("history", "false"), ("history_days", "1"), ("record", "true")]
)
def test_a_strangers_folder_cannot_change_what_is_kept(
    machine: Machine, name: str, value: str
) -> None:
    error = refused(machine, project=f"{name} = {value}")
    assert str(error).startswith(f"{name} may not be set in ")
    assert "change what is kept of you" in str(error)


@pytest.mark.parametrize(("name", "value"), REFUSED_SETTINGS)
def test_the_users_own_file_may(machine: Machine, name: str, value: str) -> None:
    assert getattr(machine.resolve(user=f"{name} = {value}").settings, name)


@pytest.mark.parametrize("setting", ['system = "@{}"', 'local_script = "{}"'])
@pytest.mark.parametrize("header", ["", "[profiles.work]\n"])
@pytest.mark.parametrize("name", ["/etc/passwd", "../config/config.toml", ".env", "linked"])
def test_a_strangers_folder_cannot_name_private_files(
    machine: Machine, setting: str, header: str, name: str
) -> None:
    machine.cwd.mkdir()
    (machine.cwd / "linked").symlink_to("/etc/passwd")
    error = refused(machine, project=header + setting.format(name))
    assert "./voicecli.toml must be" in str(error)


def test_a_strangers_folder_may_name_its_own_files(machine: Machine) -> None:
    got = machine.resolve(project='system = "@a.txt"\nlocal_script = "b/c.toml"').settings
    assert got.system == "@" + str(machine.cwd.resolve() / "a.txt")
    assert got.local_script == str(machine.cwd.resolve() / "b" / "c.toml")


def test_the_users_own_file_names_files_from_its_folder(machine: Machine) -> None:
    got = machine.resolve(user='system = "@../a.txt"\nlocal_script = "/b.toml"').settings
    assert got.system == "@" + str(machine.user_file.parent / ".." / "a.txt")
    assert got.local_script == str(Path("/b.toml"))


# .env


def test_dotenv_gives_keys_and_cloud_names_only(machine: Machine) -> None:
    machine.resolve(
        dotenv="""
        GOOGLE_API_KEY=k1
        export GEMINI_API_KEY='k2'
        GOOGLE_CLOUD_PROJECT="my-project" # ours
        GOOGLE_CLOUD_LOCATION=europe-west4
        GOOGLE_GEMINI_BASE_URL=https://evil.example
        SSL_CERT_FILE=evil.pem
        VOICECLI_API_KEY_COMMAND=evil
        LD_PRELOAD=evil.so
        PATH=evil
        """
    )
    got = load_dotenv(machine.cwd)
    assert got == {
        "GOOGLE_API_KEY": "k1",
        "GEMINI_API_KEY": "k2",
        "GOOGLE_CLOUD_PROJECT": "my-project",
        "GOOGLE_CLOUD_LOCATION": "europe-west4",
    }
    assert set(got) == set(DOTENV_ALLOWED)


def test_dotenv_is_not_completed_from_the_environment(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_SECRET", "hush")
    machine.resolve(dotenv="GOOGLE_API_KEY=${OTHER_SECRET}")
    assert load_dotenv(machine.cwd) == {"GOOGLE_API_KEY": "${OTHER_SECRET}"}


def test_names_without_a_value_are_not_set(machine: Machine) -> None:
    machine.resolve(dotenv="GOOGLE_API_KEY=\nGEMINI_API_KEY\n")
    assert load_dotenv(machine.cwd) == {}


@pytest.mark.parametrize("location", ["evil.example/", "evil.example#", "a@b", "a\nb", "x" * 99])
def test_a_location_cannot_lead_to_another_host(
    machine: Machine, caplog: pytest.LogCaptureFixture, location: str
) -> None:
    machine.resolve(dotenv=f'GOOGLE_CLOUD_LOCATION="{location}"')
    caplog.clear()
    assert load_dotenv(machine.cwd) == {}
    assert caplog.messages == ["GOOGLE_CLOUD_LOCATION in .env is left out: not a possible name"]


def test_no_dotenv_gives_nothing(tmp_path: Path) -> None:
    assert load_dotenv(tmp_path) == {}


def test_a_virtual_environment_called_dotenv_is_no_settings_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env" / "bin").mkdir(parents=True)
    assert load_dotenv(tmp_path) == {}
    assert not caplog.messages


def test_a_dotenv_in_another_encoding_still_gives_its_key(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"# caf\xe9\nOTHER=\xff\nGOOGLE_API_KEY=k\n")
    assert load_dotenv(tmp_path) == {"GOOGLE_API_KEY": "k"}


def test_a_dotenv_that_cannot_be_used_is_left_out_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    assert load_dotenv(tmp_path) == {}
    assert caplog.messages == [".env is left out: it is larger than 1000 kB"]


@ANY_SPEED
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
)
def test_any_dotenv_is_read_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("dotenv")
    (folder / ".env").write_bytes(content)
    assert set(load_dotenv(folder)) <= set(DOTENV_ALLOWED)


# Any file at all

NAMES = st.sampled_from([*FIELDS, "profiles", "modle", ""]) | st.text(max_size=8)
VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["@a", "@../a", "~", "https://h", "Kore", "\0", "@\0", "https://[", "~x/y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=4) | st.fixed_dictionaries(
    {"profiles": st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=3), max_size=3)}
)


@ANY_SPEED
@given(project=TABLES, user=TABLES)
def test_any_tables_give_settings_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory,
    project: dict[str, object],
    user: dict[str, object],
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    message = ""
    try:
        got = machine.resolve(project=toml_table(project), user=toml_table(user))
        assert set(got.origins) == set(FIELDS)
    except UsageError as error:
        message = str(error)
    assert message.isprintable()


@ANY_SPEED
@given(content=st.binary(max_size=100) | st.text("[]{}=\"'#.\n\\ a1é", max_size=60).map(str.encode))
def test_any_bytes_give_settings_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    message = "./voicecli.toml is well"
    try:
        machine.resolve(project=content)
    except UsageError as error:
        message = str(error)
    assert "./voicecli.toml" in message
