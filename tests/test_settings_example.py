"""The example ships inside the package and lies in the repository; both come from one list.

Whoever switches a line of it on must get exactly what the line says.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from settings_folder import Machine

from voicecli.settings import FIELDS, Settings
from voicecli.settings.example import EXAMPLE_FILE, MARKDOWN_FILE, example_toml, settings_markdown

ROOT = Path(__file__).parent.parent


def switched_on() -> str:
    """The example with every setting and table on."""
    marks = tuple(f"# {name} = " for name in FIELDS)
    lines = example_toml().splitlines()
    return "\n".join(
        line.removeprefix("# ") if line.startswith((*marks, "# [")) else line for line in lines
    )


def test_the_files_in_the_repository_are_up_to_date() -> None:
    again = "run: python -m voicecli.settings.example ."
    assert (ROOT / EXAMPLE_FILE).read_text(encoding="utf-8") == example_toml(), again
    assert (ROOT / MARKDOWN_FILE).read_text(encoding="utf-8") == settings_markdown(), again


def test_the_module_writes_both_files(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    command = [sys.executable, "-W", "error", "-m", "voicecli.settings.example", str(tmp_path)]
    subprocess.run(command, check=True)
    assert (tmp_path / EXAMPLE_FILE).read_text(encoding="utf-8") == example_toml()
    assert (tmp_path / MARKDOWN_FILE).read_text(encoding="utf-8") == settings_markdown()


def test_as_it_is_the_example_sets_nothing(tmp_path: Path) -> None:
    assert tomllib.loads(example_toml()) == {}
    assert Machine(tmp_path).resolve(user=example_toml()).settings == Settings()


def test_switched_on_it_sets_every_setting_to_its_example(tmp_path: Path) -> None:
    table = tomllib.loads(switched_on())
    tops = dict.fromkeys(name.partition(".")[0] for name in FIELDS)
    assert list(table) == [*tops, "profiles"]
    got = Machine(tmp_path).resolve(user=switched_on(), profile="work")
    assert got.origins["voice"].startswith("profile work in ")
    assert "default" not in got.origins.values()


def test_the_example_is_narrow_enough_to_read() -> None:
    assert max(map(len, example_toml().splitlines())) <= 100


def test_every_setting_is_documented() -> None:
    page = settings_markdown()
    for field in FIELDS.values():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| `{field.name}` |"))
        assert field.environment_name in line
        assert ("your own only" in line) is field.trusted_only
        assert line.count("|") == 7
