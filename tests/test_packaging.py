"""What leaves the repository: the wheel, the locked versions, and nothing about who serves them.

A wheel that lacks a module or a data file works in the checkout and fails everywhere else; a
dependency without a pin makes two machines differ; a registry's address in a file would make
that registry everybody's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import voicecli

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
PIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][^ ]*( ; .+)?")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux", "darwin", "win32")

# Put together here, or this file would name them.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)
NOT_OURS = {".bench", ".git", ".venv", "build", "dist", "node_modules", "__pycache__"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: setuptools leaves its traces where it builds."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        ROOT / "voicecli", source / "voicecli", ignore=shutil.ignore_patterns("__pycache__")
    )
    code = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    (built,) = source.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins() -> list[Requirement]:
    return [Requirement(line) for line in LOCK.read_text(encoding="utf-8").splitlines()]


def own_files() -> list[Path]:
    """Every file of the repository, without what tools put beside it."""
    files: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in NOT_OURS and not name.endswith(("_cache", ".egg-info"))
        ]
        files += [Path(folder, name) for name in names]
    return files


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "voicecli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == expected
    assert "voicecli/py.typed" in packed
    assert "voicecli/local/default_script.toml" in packed


def test_the_wheel_brings_the_licence_and_the_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"voicecli-{voicecli.__version__}.dist-info"

    assert "Apache License" in archive.read(f"{info}/licenses/LICENSE").decode()
    entry_points = archive.read(f"{info}/entry_points.txt").decode()
    assert "voicecli = voicecli.__main__:main" in entry_points


def test_the_wheel_runs_away_from_the_repository(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "import voicecli.cli.app as app; print(app.__file__); app.main()"

    done = subprocess.run(
        [sys.executable, "-c", code, "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    where, version = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert voicecli.__version__ in version


def test_the_lock_holds_pins_and_nothing_else() -> None:
    lines = LOCK.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_dependency_has_one_fitting_pin(
    project: dict[str, Any], pins: list[Requirement], python: str, system: str
) -> None:
    place = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(name for extra in project["project"]["optional-dependencies"].values() for name in extra),
    ]

    for requirement in map(Requirement, wanted):
        if requirement.marker and not requirement.marker.evaluate(place):
            continue
        name = canonicalize_name(requirement.name)
        fitting = [
            pin
            for pin in pins
            if pin.name == name and (not pin.marker or pin.marker.evaluate(place))
        ]
        assert len(fitting) == 1, requirement
        (version,) = fitting[0].specifier
        assert version.version in requirement.specifier, requirement


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in own_files()
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]

    assert found == []


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## {voicecli.__version__}" in changelog
