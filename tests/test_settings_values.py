"""Values arrive typed from TOML and flags, and as text from the environment.

Each kind must read all three alike, refuse the rest with a reason that a person understands, and
never repeat the value: a key often lands in the wrong place.
"""

from __future__ import annotations

import os
import traceback
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settings_folder import ANY_SPEED

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
    Kind,
    Place,
    number_between,
    one_of,
    type_in_words,
    whole_number_between,
)

TOML_PLACE = Place(Path("/somewhere"))
ENVIRONMENT = Place(Path("/somewhere"), text_too=True)
TEMPERATURE = number_between(0, 2)
DAYS = whole_number_between(1, 365)
PATIENCE = one_of("low", "normal", "high")
LISTS = [WORDS, NAMES, FILES, RISKS, SERVERS]
ALL_KINDS = [LINE, TEXT, DEVICE, SWITCH, FILE, URL, TEMPERATURE, DAYS, PATIENCE, THINKING, *LISTS]


def why_not(kind: Kind, value: object, place: Place = TOML_PLACE) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        kind.parse(value, place)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x", "a string"),
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ([], "a list"),
        ((), "a list"),
        ({}, "a table"),
        (date(2026, 1, 1), "a date or time"),
        (datetime(2026, 1, 1), "a date or time"),
        (time(1), "a date or time"),
    ],
)
def test_types_are_called_what_toml_calls_them(value: object, words: str) -> None:
    assert type_in_words(value) == words


def test_a_line_is_taken_as_it_is() -> None:
    assert LINE.parse("Kore", TOML_PLACE) == "Kore"


def test_a_device_name_may_hold_joined_emoji() -> None:
    name = "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}’s AirPods"
    assert DEVICE.parse(name, TOML_PLACE) == name


@pytest.mark.parametrize(
    "bad", ["a\nb", "a\rb", "\x1b]0;title\x07", "a\0b", "a\u2028b", "a\udc80b"]
)
def test_a_line_has_no_control_characters(bad: str) -> None:
    assert "control character" in why_not(LINE, bad)


@pytest.mark.parametrize("kind", [LINE, DEVICE, FILE, WORDS, URL])
@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_text_is_refused_where_it_means_nothing(kind: Kind, empty: str) -> None:
    assert "empty" in why_not(kind, empty)


def test_a_device_may_be_an_index() -> None:
    assert DEVICE.parse(3, TOML_PLACE) == "3"
    assert DEVICE.parse("3", ENVIRONMENT) == "3"


@pytest.mark.parametrize("index", [-1, 10_000, 16**5000], ids=range(3))
def test_a_device_index_has_a_range(index: int) -> None:
    assert "index" in why_not(DEVICE, index)


@pytest.mark.parametrize("kind", [DEVICE, TEMPERATURE])
def test_true_is_not_a_number(kind: Kind) -> None:
    assert why_not(kind, True) == "it is true or false"


@pytest.mark.parametrize(("value", "number"), [(0, 0.0), (2, 2.0), (0.7, 0.7)])
def test_a_number_may_lie_on_its_limits(value: float, number: float) -> None:
    assert TEMPERATURE.parse(value, TOML_PLACE) == number


@pytest.mark.parametrize(
    "bad", [-0.1, 2.1, float("nan"), float("inf"), 10**400, 16**5000], ids=range(6)
)
def test_a_number_out_of_range_is_refused(bad: float) -> None:
    assert why_not(TEMPERATURE, bad) == "it is out of range"


def test_a_number_is_text_in_the_environment_only() -> None:
    assert TEMPERATURE.parse("1.5", ENVIRONMENT) == 1.5
    assert why_not(TEMPERATURE, "hot", ENVIRONMENT) == "it is not a number"
    assert why_not(TEMPERATURE, "1.5") == "it is a string"


@pytest.mark.parametrize("on", ["1", "true", "YES", "On"])
def test_a_switch_is_turned_on_by_several_words_in_the_environment(on: str) -> None:
    assert SWITCH.parse(on, ENVIRONMENT) is True


@pytest.mark.parametrize("off", ["0", "false", "NO", "Off"])
def test_a_switch_is_turned_off_by_several_words_in_the_environment(off: str) -> None:
    assert SWITCH.parse(off, ENVIRONMENT) is False


def test_a_switch_is_a_truth_value_elsewhere() -> None:
    assert SWITCH.parse(False, TOML_PLACE) is False
    assert why_not(SWITCH, "true") == "it is a string"
    assert why_not(SWITCH, 1) == "it is a number"
    assert why_not(SWITCH, "maybe", ENVIRONMENT) == "it is neither"


@pytest.mark.parametrize("place", [TOML_PLACE, ENVIRONMENT])
@pytest.mark.parametrize("given", ["high", "HIGH", "High"])
def test_a_choice_is_one_of_its_words_in_any_case(given: str, place: Place) -> None:
    assert PATIENCE.parse(given, place) == "high"
    assert PATIENCE.expects == "low, normal or high"


@pytest.mark.parametrize("place", [TOML_PLACE, ENVIRONMENT])
def test_what_is_no_choice_is_refused(place: Place) -> None:
    for word in ("", "higher", " high", "h"):
        assert why_not(PATIENCE, word, place) == "it is none of these"
    assert why_not(PATIENCE, 1, place) == "it is a number"
    assert why_not(PATIENCE, True, place) == "it is true or false"


def test_two_choices_are_told_without_a_comma() -> None:
    assert one_of("on", "off").expects == "on or off"


def test_a_command_is_a_list_or_one_string() -> None:
    assert WORDS.parse(["pass", "show", "a b"], TOML_PLACE) == ("pass", "show", "a b")
    assert WORDS.parse("pass show 'a b'", TOML_PLACE) == ("pass", "show", "a b")


def test_a_command_is_not_read_by_a_shell() -> None:
    assert WORDS.parse("echo $(id); ls", TOML_PLACE) == ("echo", "$(id);", "ls")


@pytest.mark.parametrize("bad", [[], "''", 5, {}, ["a", 5], ["a", ["b"]], "open 'quote"])
def test_what_is_no_command_is_refused(bad: object) -> None:
    assert why_not(WORDS, bad)


@pytest.mark.parametrize("good", ["https://localhost:8443", "http://127.0.0.1/x/", "HTTPS://h"])
def test_addresses_of_servers_are_taken(good: str) -> None:
    assert URL.parse(good, TOML_PLACE) == good


@pytest.mark.parametrize(
    "bad",
    [
        "localhost",
        "ftp://h",
        "https://",
        "https:///x",
        "https://h:port",
        "https://[::1",
        "https://h:0",
        "https://a b",
        "https://h:99999",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(bad: str) -> None:
    assert why_not(URL, bad) == "it is not the address of a server"


def test_a_file_is_found_from_the_folder_of_its_place() -> None:
    assert FILE.parse("a/b.toml", TOML_PLACE) == str(Path("/somewhere/a/b.toml"))
    assert FILE.parse("/a/b.toml", TOML_PLACE) == str(Path("/a/b.toml"))


def test_a_file_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("USERPROFILE", "/home/ada")
    assert FILE.parse("~/b.toml", TOML_PLACE) == str(Path("/home/ada/b.toml"))


def test_text_is_taken_as_it_is() -> None:
    assert TEXT.parse("Be brief.\n\nBe kind.", TOML_PLACE) == "Be brief.\n\nBe kind."
    assert TEXT.parse("", TOML_PLACE) == ""
    assert TEXT.parse("@@home", TOML_PLACE) == "@@home"


def test_text_from_a_file_keeps_the_full_path() -> None:
    assert TEXT.parse("@a.txt", TOML_PLACE) == "@" + str(Path("/somewhere/a.txt"))


def test_text_that_is_not_utf_8_is_refused() -> None:
    assert why_not(TEXT, "caf\udce9", ENVIRONMENT) == "it is not UTF-8"


def test_text_is_a_string() -> None:
    assert why_not(TEXT, ["Be brief."]) == "it is a list"
    assert why_not(TEXT, "@") == "it is empty"


@pytest.mark.parametrize("kind", [FILE, TEXT])
@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../private.txt",
        "a/../../private.txt",
        ".env",
        ".git/config",
        "a/.hidden",
        "outward.txt",
        "folder-outward/private.txt",
        "to-hidden.txt",
    ],
)
def test_a_confined_file_never_leaves_the_folder_nor_is_hidden(
    tmp_path: Path, kind: Kind, name: str
) -> None:
    (tmp_path / "private.txt").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".env").write_text("secret")
    (folder / "outward.txt").symlink_to(tmp_path / "private.txt")
    (folder / "folder-outward").symlink_to(tmp_path)
    (folder / "to-hidden.txt").symlink_to(folder / ".env")
    assert why_not(kind, name if kind is FILE else "@" + name, Place(folder, confined=True))


def test_a_confined_loop_of_links_is_refused_or_kept_inside(tmp_path: Path) -> None:
    loop = tmp_path.resolve() / "loop"
    loop.symlink_to(loop)
    try:
        got = FILE.parse("loop", Place(tmp_path, confined=True))
    except ValueError:  # Python < 3.13
        got = str(loop)
    assert got == str(loop)


def test_a_confined_tilde_is_a_name_like_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    got = FILE.parse("~/a.txt", Place(tmp_path, confined=True))
    assert got == str(tmp_path.resolve() / "~" / "a.txt")


@pytest.mark.parametrize("name", ["a.txt", "./a.txt", "deep/a.txt", "inward.txt"])
def test_a_confined_file_may_lie_anywhere_below(tmp_path: Path, name: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "inward.txt").symlink_to("deep/a.txt")
    got = FILE.parse(name, Place(tmp_path, confined=True))
    assert Path(str(got)).is_relative_to(tmp_path.resolve())


def test_a_confined_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    got = FILE.parse("a.txt", Place(tmp_path / "link", confined=True))
    assert got == str((tmp_path / "real" / "a.txt").resolve())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@ANY_SPEED
@given(st.sampled_from(ALL_KINDS), ANYTHING, st.booleans(), st.booleans())
def test_a_kind_takes_a_value_or_says_why_not(
    kind: Kind, value: object, confined: bool, text_too: bool
) -> None:
    place = Place(Path("/somewhere"), confined=confined, text_too=text_too)
    reason = "none needed"
    try:
        kind.parse(value, place)
    except ValueError as error:
        reason = str(error)
    assert reason


@ANY_SPEED
@given(
    st.sampled_from([k for k in ALL_KINDS if k not in (LINE, DEVICE, TEXT, FILE, WORDS)]),
    st.sampled_from(["", "http://", "https://user:", "https://host:", "https://[", "1"]),
    st.sampled_from(["", "@host", ":x", "]", "\n", " "]),
)
def test_a_reason_never_repeats_the_value(kind: Kind, before: str, after: str) -> None:
    secret = "Zq9-secret-Zq9"
    for place in (TOML_PLACE, ENVIRONMENT):
        traceback_text = ""
        try:
            kind.parse(before + secret + after, place)
        except ValueError:
            traceback_text = traceback.format_exc()
        assert secret not in traceback_text


def test_a_whole_number_is_taken_within_its_range() -> None:
    assert [DAYS.parse(days, TOML_PLACE) for days in (1, 30, 365)] == [1, 30, 365]
    assert [DAYS.parse(days, ENVIRONMENT) for days in ("1", " 30 ", "+365")] == [1, 30, 365]
    for days in (0, 366, -1, 10**30):
        assert why_not(DAYS, days) == "it is out of range"


@pytest.mark.parametrize("days", ["1.5", "", "many", "1" * 5_000, "٣"])
def test_a_text_that_is_no_whole_number_is_refused(days: str) -> None:
    assert why_not(DAYS, days, ENVIRONMENT) == "it is not a whole number"


def test_a_number_with_a_point_or_a_switch_is_no_whole_number() -> None:
    assert why_not(DAYS, 1.0) == "it is not a whole number"
    assert why_not(DAYS, True) == "it is true or false"
    assert why_not(DAYS, "30") == "it is a string"


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (["timer", "current_time"], TOML_PLACE),
        ("timer current_time", ENVIRONMENT),
        ("timer, current_time", ENVIRONMENT),
        (["timer", "current_time", "timer"], ENVIRONMENT),
    ],
)
def test_names_are_a_list_or_text_in_the_environment(value: object, place: Place) -> None:
    assert NAMES.parse(value, place) == ("timer", "current_time")


def test_a_name_is_no_path_and_no_option() -> None:
    assert "letters" in why_not(NAMES, ["a b"])
    assert "letters" in why_not(NAMES, ["../x"])
    assert why_not(NAMES, "timer") == "it is a string"
    assert why_not(NAMES, ["timer", 1]) == "one of them is a number"


def test_files_start_in_the_folder_that_they_are_named_in() -> None:
    folder = TOML_PLACE.folder
    assert FILES.parse(["a.py", "/b.py"], TOML_PLACE) == (str(folder / "a.py"), "/b.py")
    together = os.pathsep.join(("a.py", "/b.py"))
    assert FILES.parse(together, ENVIRONMENT) == (str(ENVIRONMENT.folder / "a.py"), "/b.py")
    assert why_not(FILES, "a.py") == "it is a string"


@pytest.mark.parametrize("value", ["low", "HIGH", "512", 512, "-1", -1, 0])
def test_thinking_is_a_word_or_a_number(value: object) -> None:
    assert THINKING.parse(value, TOML_PLACE) == str(value)


@pytest.mark.parametrize("value", [True, 1.5, 16**5000, ["low"]], ids=range(4))
def test_thinking_is_nothing_else(value: object) -> None:
    assert why_not(THINKING, value).startswith("it is ")
