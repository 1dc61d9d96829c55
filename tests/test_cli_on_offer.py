"""What the model may call follows from the user's settings and flags, and from nothing else."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from voicecli.cli.on_offer import Choice, OnOffer, on_offer
from voicecli.errors import UsageError
from voicecli.settings import resolve
from voicecli.tools.tool import Risk

SERVER = str(Path(__file__).with_name("mcp_server.py"))
OWN = '''
from voicecli.tools import tool

@tool
def roll_dice(count: int = 2) -> list[int]:
    """Rolls dice."""
    return [6] * count

@tool(risk="ask")
def open_door() -> str:
    """Opens the door."""
    return "open"
'''


def offer(folder: Path, text: str = "", choice: Choice | None = None) -> OnOffer:
    user_file = folder / "config" / "config.toml"
    user_file.parent.mkdir(exist_ok=True)
    user_file.write_text(text)
    (user_file.parent / "tools.py").write_text(OWN)
    resolved = resolve({}, env={}, cwd=folder, user_file=user_file, profile=None)
    return on_offer(resolved, choice or Choice())


def names(offered: OnOffer) -> list[str]:
    return [tool.name for tool in offered.toolbox.offered]


def test_nothing_is_offered_unless_it_is_named(tmp_path: Path) -> None:
    assert names(offer(tmp_path)) == []


def test_the_users_own_functions_are_offered_from_the_folder_of_the_settings(
    tmp_path: Path,
) -> None:
    offered = offer(tmp_path, 'tools = ["tools.py"]')
    assert names(offered) == ["roll_dice", "open_door"]
    assert [offered.toolbox.risk(tool) for tool in offered.toolbox.offered] == [
        Risk.SAFE,
        Risk.ASK,
    ]


def test_functions_of_voicecli_come_by_setting_and_by_flag(tmp_path: Path) -> None:
    choice = Choice(offer=("timer", "calculator"))
    assert names(offer(tmp_path, 'offer = ["current_time", "timer"]', choice)) == [
        "current_time",
        "timer",
        "timer_list",
        "timer_stop",
        "calculator",
    ]


def test_a_group_offers_all_of_it(tmp_path: Path) -> None:
    assert names(offer(tmp_path, 'offer = ["notes"]')) == ["note_add", "note_search"]


def test_what_is_withheld_is_not_offered_wherever_it_comes_from(tmp_path: Path) -> None:
    text = 'tools = ["tools.py"]\noffer = ["current_time"]'
    assert names(offer(tmp_path, text, Choice(withhold=("open_door", "current_time")))) == [
        "roll_dice"
    ]


def test_the_users_word_on_a_function_counts_more_than_its_own(tmp_path: Path) -> None:
    text = 'tools = ["tools.py"]\ntool_risk = { roll_dice = "ask", open_door = "deny" }'
    offered = offer(tmp_path, text)
    assert names(offered) == ["roll_dice"]
    (dice,) = offered.toolbox.offered
    assert offered.toolbox.risk(dice) is Risk.ASK


def test_a_command_of_the_shell_asks_whatever_the_settings_say(tmp_path: Path) -> None:
    offered = offer(tmp_path, 'offer = ["shell"]\ntool_risk = { shell = "safe" }')
    (shell,) = offered.toolbox.offered
    assert offered.toolbox.risk(shell) is Risk.ASK


def test_a_name_that_nothing_has_is_an_error_with_the_one_that_is_meant(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="no function tiemr to offer: did you mean timer"
    ) as caught:
        offer(tmp_path, "", Choice(offer=("tiemr",)))
    assert caught.value.hint == "voicecli tools list"


def test_naming_a_function_that_is_offered_anyway_is_no_error(tmp_path: Path) -> None:
    offered = offer(tmp_path, 'tools = ["tools.py"]', Choice(offer=("roll_dice",)))
    assert names(offered) == ["roll_dice", "open_door"]


def test_care_for_a_function_that_does_not_exist_is_told(tmp_path: Path) -> None:
    offered = offer(tmp_path, 'offer = ["shell"]\ntool_risk = { shel = "deny" }')
    ((message, hint),) = offered.warnings
    assert message == "there is no function shel to be careful with; did you mean shell?"
    assert hint == "voicecli tools list"


def test_two_functions_of_one_name_are_an_error_that_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "more.py").write_text(OWN)
    with pytest.raises(UsageError, match="two functions are called roll_dice") as caught:
        offer(tmp_path, 'tools = ["tools.py", "more.py"]')
    assert "more.py" in str(caught.value)


def test_reading_files_needs_a_folder_that_the_user_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder is allowed") as caught:
        offer(tmp_path, 'offer = ["read_file"]')
    assert "read_folders" in caught.value.hint
    assert names(offer(tmp_path, 'offer = ["read_file"]\nread_folders = ["."]')) == ["read_file"]


def test_with_servers_a_name_may_be_one_of_theirs(tmp_path: Path) -> None:
    command = f"command = {json.dumps(sys.executable)}, args = [{json.dumps(SERVER)}]"
    servers = f'mcp_servers.odd = {{ {command} }}\ntool_risk = {{ gone = "safe", echo = "safe" }}'
    offered = offer(tmp_path, servers, Choice(offer=("echo", "missing")))
    assert offered.warnings == ()

    async def told() -> list[str]:
        async with offered.servers:
            return [news.message for news in offered.toolbox.take_news() if news.warning]

    assert asyncio.run(told())[-2:] == [
        "there is no function missing to offer",
        "there is no function gone to be careful with",
    ]


def test_a_server_that_is_described_wrongly_is_an_error_before_anything_starts(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="files"):
        offer(tmp_path, "mcp_servers.files = { comand = 1 }")
