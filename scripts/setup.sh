#!/bin/sh
# Make .venv with voicecli and its locked dependencies; install what is missing of the system first.
# usage: setup.sh [dev]      "dev" adds what the tests and linters need
# Running it again is safe: it mends what is broken and installs what has changed.
set -eu
cd "$(dirname "$0")/.."

extras=local${1:+,$1}
lock=requirements.lock
venv_python=$PWD/.venv/bin/python
users_cc=${CC:-}

say() { printf 'setup: %s\n' "$*" >&2; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

# Set `python`, empty if there is none, and CC to the compiler that it builds extensions with.
look_around() {
    python=$(sh scripts/find-python.sh "$venv_python") || python=
    CC=$users_cc
    if [ -z "$CC" ] && [ -n "$python" ]; then
        CC=$("$python" -c '
import shutil, sysconfig
names = (sysconfig.get_config_var("CC") or "cc").split()[0], "cc", "gcc", "clang"
print(next(filter(shutil.which, names), "cc"))')
    fi
    export CC="${CC:-cc}"
}

has_header() {
    # shellcheck disable=SC2086 # CC may hold options
    printf '#include <%s>\n' "$1" |
        $CC -E -x c -I/usr/local/include -I/opt/homebrew/include - >/dev/null 2>&1
}

# Print what making .venv and building PyAudio lack of the system, in words of install-system.sh.
missing() {
    if [ -z "$python" ]; then
        echo python
    else
        "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || echo venv
        "$python" -c '
import os, sys, sysconfig
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(not os.path.exists(header))' || echo python-headers
    fi
    has_header stdlib.h || echo compiler
    has_header portaudio.h || echo portaudio
}

prepare_system() {
    look_around
    lacking=$(missing)
    [ -n "$lacking" ] || return 0
    version=none
    [ -z "$python" ] || version=$(version_of "$python")
    # shellcheck disable=SC2086 # one word for each need
    sh scripts/install-system.sh "$version" $lacking

    look_around
    lacking=$(missing)
    if [ -n "$lacking" ]; then
        say "still missing of the system: $lacking"
        exit 1
    fi
}

make_venv() {
    if [ "$python" = "$venv_python" ] && "$python" -c 'import pip' 2>/dev/null; then
        return 0
    fi
    [ "$python" != "$venv_python" ] || python=$(sh scripts/find-python.sh)
    say "making .venv with Python $(version_of "$python") ($python)"
    "$python" -m venv --clear .venv
}

pip_install() {
    "$venv_python" -m pip install --disable-pip-version-check --quiet \
        --constraint "$lock" "$@"
}

install_packages() {
    say "installing Python packages into .venv: voicecli[$extras], versions from $lock"
    pip_install setuptools
    # Not isolated: what is built here is built with the setuptools of the lock.
    pip_install --no-build-isolation pyaudio
    pip_install --no-build-isolation --editable ".[$extras]"
}

prepare_system
make_venv
install_packages
say "done"
