#!/bin/sh
# Install what voicecli's setup needs of the system, with its package manager and without questions.
# usage: install-system.sh VERSION NEED...
#   VERSION  of the Python that is there, such as 3.13, or "none"
#   NEED     python, venv, python-headers, compiler, portaudio
set -eu

version=$1
shift

say() { printf 'setup: %s\n' "$*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

by_hand() {
    say "install these with your system's package manager, then run make again:"
    for need; do
        case $need in
            python) say "  Python 3.11 or later (best 3.13), with its venv module and C headers" ;;
            venv) say "  the venv module (with ensurepip) of Python $version" ;;
            python-headers) say "  the C headers of Python $version" ;;
            compiler) say "  a C compiler" ;;
            portaudio) say "  PortAudio 19 with its headers" ;;
        esac
    done
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Package managers name every file they touch; only a failure is worth reading.
quietly() {
    log=$(mktemp)
    status=0
    "$@" >"$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

# The first that this Debian or Ubuntu has, in the order of find-python.sh.
apt_python_version() {
    for candidate in 3.13 3.11 3.14 3.12; do
        if apt-cache show "python$candidate" 2>/dev/null | grep '^Package:' >/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

packages() {
    for need; do
        case $manager-$need in
            apt-get-python) echo "python$version python$version-venv python$version-dev" ;;
            apt-get-venv) echo "python$version-venv" ;;
            apt-get-python-headers) echo "python$version-dev" ;;
            apt-get-compiler) echo gcc libc6-dev ;;
            apt-get-portaudio) echo portaudio19-dev ;;
            dnf-python) echo python3.13 python3.13-devel ;;
            dnf-venv) echo "python$version" ;;
            dnf-python-headers) echo "python$version-devel" ;;
            dnf-compiler) echo gcc ;;
            dnf-portaudio) echo portaudio-devel ;;
            pacman-python | pacman-venv | pacman-python-headers) echo python ;;
            pacman-compiler) echo gcc ;;
            pacman-portaudio) echo portaudio ;;
            brew-python) echo python@3.13 ;;
            brew-venv | brew-python-headers) echo "python@$version" ;;
            brew-portaudio) echo portaudio ;;
        esac
    done
}

for manager in apt-get dnf pacman brew none; do
    ! have "$manager" || break
done
case $manager in
    none) by_hand "$@" ;;
    brew)
        # Homebrew cannot install the compiler: Apple's own dialogue does.
        case " $* " in *" compiler "*)
            say "install Apple's compiler with: xcode-select --install; then run make again"
            exit 1
            ;;
        esac
        ;;
    *) [ "$(id -u)" -eq 0 ] || have sudo || by_hand "$@" ;;
esac

if [ "$manager" = apt-get ]; then
    say "reading the package lists (apt-get update)"
    quietly as_root apt-get update || say "not all lists could be read; trying with those there are"
    if [ "$version" = none ]; then
        version=$(apt_python_version)
        [ -n "$version" ] || by_hand "$@"
    fi
fi

# shellcheck disable=SC2046 # one word for each package is wanted
set -- $(packages "$@")
say "installing system packages with $manager: $*"
case $manager in
    apt-get)
        quietly as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends "$@"
        ;;
    dnf) quietly as_root dnf install --assumeyes "$@" ;;
    pacman) quietly as_root pacman -S --needed --noconfirm "$@" ;;
    brew) quietly brew install "$@" ;;
esac
