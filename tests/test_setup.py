"""Setting up a machine that lacks things: which Python is taken, and what is installed and how.

The scripts run as they are, on a PATH that holds nothing but stand-ins for Python, the package
managers and sudo: each notes how it was called. That the whole works on a real bare system is
seen by CI, which starts from nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
TOOLS = ("sh", "cat", "env", "grep", "mktemp", "rm")
BROKEN_SHIM = "echo 'pyenv: command not found' >&2; exit 127"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")


class Machine:
    """A PATH of its own with `id`, a few harmless tools, and what the test adds."""

    def __init__(self, folder: Path, *, uid: int = 0) -> None:
        self.bin = folder / "bin"
        self.calls_file = folder / "calls"
        self.bin.mkdir()
        self.calls_file.touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
        self.add("id", f"echo {uid}")

    def add(self, name: str, script: str) -> None:
        """Put a command on the PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def add_noting(self, name: str, then: str = "") -> None:
        """Put a command on the PATH that notes its call, then runs `then`."""
        self.add(name, f'echo "{name} $*" >>"{self.calls_file}"\n{then}')

    def add_python(self, name: str, version: tuple[int, int]) -> None:
        """Put a Python on the PATH that claims to be `version` and prints its own path."""
        pretend = (
            f"import sys; sys.version_info = {version}; "
            f"sys.executable = '{self.bin / name}'; exec(sys.argv[1])"
        )
        self.add(name, f'exec "{sys.executable}" -c "{pretend}" "$2"')

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the project's scripts here."""
        return subprocess.run(
            ["/bin/sh", SCRIPTS / script, *arguments],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )

    def python_found(self, *candidates: str) -> str | None:
        """The name of the Python that would be taken."""
        done = self.run("find-python.sh", *candidates)
        return Path(done.stdout.strip()).name if done.returncode == 0 else None

    def calls(self) -> list[str]:
        """How the stand-ins were called, in order."""
        return self.calls_file.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of root's, with nothing installed."""
    return Machine(tmp_path)


def test_no_python_is_found_where_there_is_none(machine: Machine) -> None:
    assert machine.python_found() is None


def test_a_python_that_is_too_old_is_passed_over(machine: Machine) -> None:
    machine.add_python("python3", (3, 10))
    assert machine.python_found() is None

    machine.add_python("python3.14", (3, 14))
    assert machine.python_found() == "python3.14"


def test_a_shim_of_a_version_that_is_not_active_is_passed_over(machine: Machine) -> None:
    machine.add("python3.13", BROKEN_SHIM)
    machine.add_python("python3.11", (3, 11))

    assert machine.python_found() == "python3.11"


def test_a_python_with_wheels_for_the_local_ears_comes_first(machine: Machine) -> None:
    machine.add_python("python3", (3, 12))
    assert machine.python_found() == "python3"

    machine.add_python("python3.11", (3, 11))
    assert machine.python_found() == "python3.11"

    machine.add_python("python3.13", (3, 13))
    assert machine.python_found() == "python3.13"


def test_the_environment_that_is_there_already_is_kept(machine: Machine) -> None:
    machine.add_python("python3.13", (3, 13))
    machine.add_python("old-but-good", (3, 12))

    assert machine.python_found(str(machine.bin / "old-but-good")) == "old-but-good"
    assert machine.python_found("/nowhere/python") == "python3.13"


def test_apt_installs_what_is_missing_and_says_so(machine: Machine) -> None:
    machine.add_noting("apt-get", "echo 'Unpacking a hundred files'")

    done = machine.run(
        "install-system.sh", "3.13", "venv", "python-headers", "compiler", "portaudio"
    )

    wanted = "python3.13-venv python3.13-dev gcc libc6-dev portaudio19-dev"
    assert machine.calls() == [
        "apt-get update",
        f"apt-get install --yes --no-install-recommends {wanted}",
    ]
    assert done.returncode == 0
    assert f"installing system packages with apt-get: {wanted}" in done.stderr
    assert "Unpacking" not in done.stdout + done.stderr


def test_apt_asks_nothing(machine: Machine) -> None:
    machine.add_noting("apt-get", f'echo "$DEBIAN_FRONTEND" >>"{machine.calls_file}"')

    machine.run("install-system.sh", "3.11", "compiler")

    assert machine.calls()[-1] == "noninteractive"


@pytest.mark.parametrize(
    ("known", "expected"),
    [(("3.11",), "3.11"), (("3.12", "3.13", "3.14"), "3.13"), (("3.12", "3.14"), "3.14")],
)
def test_apt_installs_the_best_python_that_it_knows(
    machine: Machine, known: tuple[str, ...], expected: str
) -> None:
    machine.add_noting("apt-get")
    cases = " | ".join(f"python{version}" for version in known)
    machine.add("apt-cache", f'case $2 in {cases}) echo "Package: $2" ;; *) exit 100 ;; esac')

    machine.run("install-system.sh", "none", "python", "portaudio")

    name = f"python{expected}"
    assert machine.calls()[-1].endswith(f" {name} {name}-venv {name}-dev portaudio19-dev")


def test_without_a_python_in_reach_apt_installs_nothing(machine: Machine) -> None:
    machine.add_noting("apt-get")
    machine.add("apt-cache", "exit 100")

    done = machine.run("install-system.sh", "none", "python", "compiler")

    assert done.returncode == 1
    assert machine.calls() == ["apt-get update"]
    assert "Python 3.11 or later" in done.stderr


def test_lists_that_cannot_be_read_do_not_stop_apt(machine: Machine) -> None:
    machine.add_noting("apt-get", "test \"$1\" != update || { echo 'E: a dead mirror'; exit 100; }")

    done = machine.run("install-system.sh", "3.13", "compiler")

    assert done.returncode == 0
    assert "E: a dead mirror" in done.stderr
    assert machine.calls()[-1].endswith("install --yes --no-install-recommends gcc libc6-dev")


@pytest.mark.parametrize(
    ("manager", "expected"),
    [
        ("dnf", "dnf install --assumeyes python3.13-devel gcc portaudio-devel"),
        ("pacman", "pacman -S --needed --noconfirm python gcc portaudio"),
    ],
)
def test_other_package_managers_have_their_own_names(
    machine: Machine, manager: str, expected: str
) -> None:
    machine.add_noting(manager)

    machine.run("install-system.sh", "3.13", "python-headers", "compiler", "portaudio")

    assert machine.calls() == [expected]


def test_homebrew_runs_as_the_user(tmp_path: Path) -> None:
    mac = Machine(tmp_path, uid=501)
    mac.add_noting("brew")
    mac.add_noting("sudo")

    mac.run("install-system.sh", "none", "python", "portaudio")

    assert mac.calls() == ["brew install python@3.13 portaudio"]


def test_apples_compiler_is_left_to_apple(tmp_path: Path) -> None:
    mac = Machine(tmp_path, uid=501)
    mac.add_noting("brew")

    done = mac.run("install-system.sh", "3.13", "compiler", "portaudio")

    assert done.returncode == 1
    assert mac.calls() == []
    assert "xcode-select --install" in done.stderr


def test_a_user_installs_with_sudo(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.add_noting("pacman")
    machine.add_noting("sudo", 'exec "$@"')

    machine.run("install-system.sh", "3.13", "portaudio")

    install = "pacman -S --needed --noconfirm portaudio"
    assert machine.calls() == [f"sudo {install}", install]


def test_root_needs_no_sudo(machine: Machine) -> None:
    machine.add_noting("dnf")
    machine.add_noting("sudo")

    machine.run("install-system.sh", "3.13", "portaudio")

    assert machine.calls() == ["dnf install --assumeyes portaudio-devel"]


def test_a_user_without_sudo_learns_what_to_ask_for(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.add_noting("apt-get")

    done = machine.run("install-system.sh", "3.12", "venv", "compiler")

    assert done.returncode == 1
    assert machine.calls() == []
    assert "venv module (with ensurepip) of Python 3.12" in done.stderr
    assert "C compiler" in done.stderr


def test_without_a_package_manager_the_user_learns_what_is_missing(machine: Machine) -> None:
    done = machine.run("install-system.sh", "3.12", "python-headers", "portaudio")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "setup: install these with your system's package manager, then run make again:",
        "setup:   the C headers of Python 3.12",
        "setup:   PortAudio 19 with its headers",
    ]


def test_a_failed_installation_shows_what_the_manager_said(machine: Machine) -> None:
    machine.add_noting("dnf", "echo 'No match for argument: gcc'; exit 1")

    done = machine.run("install-system.sh", "3.13", "compiler")

    assert done.returncode == 1
    assert "No match for argument: gcc" in done.stderr
