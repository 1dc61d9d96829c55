"""People name a device by what they remember of it; the wrong one is a silent conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.audio.device_choice import DeviceInfo, Direction, Pick, Wanted, choose_device
from voicecli.errors import ExitCode, SoundDeviceError

LAPTOP = DeviceInfo(0, "Built-in Audio", "ALSA", 2, 2, default_output=True)
HEADSET = DeviceInfo(1, "Jabra Evolve 65: USB Audio", "ALSA", 1, 2, default_input=True)
MONITOR = DeviceInfo(2, "HDMI 0", "ALSA", 0, 8)
WEBCAM = DeviceInfo(3, "C920: USB Audio", "ALSA", 2, 0)
ALL = (LAPTOP, HEADSET, MONITOR, WEBCAM)


def refused(devices: tuple[DeviceInfo, ...], spec: Wanted, what: Direction) -> SoundDeviceError:
    with pytest.raises(SoundDeviceError) as caught:
        choose_device(devices, spec, what)
    assert caught.value.exit_code is ExitCode.SOUND_DEVICE
    assert caught.value.hint
    return caught.value


def test_no_wish_is_the_default_of_that_direction() -> None:
    assert choose_device(ALL, None, Direction.OUTPUT) is LAPTOP
    assert choose_device(ALL, None, Direction.INPUT) is HEADSET


def test_without_a_default_the_first_that_can_is_taken() -> None:
    assert choose_device((MONITOR, WEBCAM), None, Direction.INPUT) is WEBCAM


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("2", MONITOR),
        (" 2 ", MONITOR),
        ("hdmi", MONITOR),
        ("JABRA", HEADSET),
        ("built-in audio", LAPTOP),
    ],
)
def test_an_index_or_a_part_of_the_name_in_any_case(spec: str, expected: DeviceInfo) -> None:
    assert choose_device(ALL, spec, Direction.OUTPUT) is expected


def test_a_part_that_fits_two_names_both() -> None:
    error = refused(ALL, "usb", Direction.INPUT)
    assert "more than one input device" in str(error)
    assert "1 Jabra" in error.why
    assert "3 C920" in error.why


def test_a_part_that_fits_two_is_clear_when_only_one_has_the_direction() -> None:
    assert choose_device(ALL, "usb", Direction.OUTPUT) is HEADSET


def test_a_whole_name_goes_before_a_longer_one_that_holds_it() -> None:
    both = (DeviceInfo(0, "USB Audio 2", "ALSA", 1, 1), DeviceInfo(1, "USB Audio", "ALSA", 1, 1))
    assert choose_device(both, "usb audio", Direction.INPUT) is both[1]


def test_a_number_that_is_no_index_may_be_part_of_a_name() -> None:
    assert choose_device(ALL, "920", Direction.INPUT) is WEBCAM


def test_the_index_of_a_device_without_that_direction_is_refused() -> None:
    assert "“3” is no output device" in str(refused(ALL, "3", Direction.OUTPUT))


def test_an_unknown_name_lists_what_there_is() -> None:
    error = refused(ALL, "sonos", Direction.OUTPUT)
    assert error.why == "there are: 0 Built-in Audio, 1 Jabra Evolve 65: USB Audio, 2 HDMI 0"
    assert error.hint == "voicecli devices"


def test_an_empty_name_is_no_device() -> None:
    refused((LAPTOP,), "", Direction.OUTPUT)


def test_a_device_that_several_systems_list_is_taken_from_the_default_one() -> None:
    listed = (
        DeviceInfo(0, "Speakers (Realtek)", "MME", 0, 2),
        DeviceInfo(1, "Speakers (Realtek)", "Windows WASAPI", 0, 2),
        DeviceInfo(2, "HDMI", "Windows WASAPI", 0, 2, default_output=True),
    )
    assert choose_device(listed, "realtek", Direction.OUTPUT) is listed[1]
    assert choose_device(listed, "speakers (realtek)", Direction.OUTPUT) is listed[1]


def test_two_of_one_name_in_one_system_stay_ambiguous() -> None:
    twins = (
        DeviceInfo(0, "USB Audio", "ALSA", 0, 2, default_output=True),
        DeviceInfo(1, "USB Audio", "ALSA", 0, 2),
    )
    assert "more than one" in str(refused(twins, "USB Audio", Direction.OUTPUT))
    assert choose_device(twins, "1", Direction.OUTPUT) is twins[1]


def test_a_pick_is_found_by_its_name_wherever_it_is_listed_now() -> None:
    assert choose_device(ALL, Pick("HDMI 0", 0), Direction.OUTPUT) is MONITOR


def test_the_index_of_a_pick_decides_between_namesakes_and_nothing_else() -> None:
    twins = (
        DeviceInfo(0, "USB Audio", "ALSA", 0, 2, default_output=True),
        DeviceInfo(1, "USB Audio", "ALSA", 0, 2),
    )
    assert choose_device(twins, Pick("USB Audio", 1), Direction.OUTPUT) is twins[1]
    assert "more than one" in str(refused(twins, Pick("USB Audio", 7), Direction.OUTPUT))


def test_a_pick_is_not_met_by_a_part_of_a_name_or_by_an_index() -> None:
    error = refused(ALL, Pick("HDMI", 2), Direction.OUTPUT)
    assert "“HDMI” is no output device" in str(error)


@pytest.mark.parametrize(
    ("direction", "kind", "flag"),
    [(Direction.INPUT, "microphone", "--no-mic"), (Direction.OUTPUT, "speaker", "--no-speaker")],
)
def test_no_device_at_all_says_how_to_go_on(direction: Direction, kind: str, flag: str) -> None:
    error = refused((), None, direction)
    assert str(error).startswith(f"there is no {kind}")
    assert flag in error.hint


@given(st.text(max_size=8), st.sampled_from(Direction))
def test_any_wish_gives_a_device_that_can_or_a_clear_error(spec: str, direction: Direction) -> None:
    try:
        chosen = choose_device(ALL, spec, direction)
    except SoundDeviceError as error:
        chosen = None
        message = str(error)
    assert chosen.can(direction) if chosen else spec in message
