#!/bin/sh
# Write requirements.lock: one version of everything for Python 3.11 and later on all systems.
# usage: lock.sh [--upgrade]      without it, versions already in the lock stay where they can
set -eu
cd "$(dirname "$0")/.."

python=.venv/bin/python
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m pip install --disable-pip-version-check --quiet --target "$tools" uv

"$python" -c '
import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["build-system"]["requires"]))' >"$tools/build.in"

# "fewest": one version for every Python, so that all developers see the same types and behaviour.
# No index and no hashes: where packages come from is the choice of who installs them.
"$tools/bin/uv" pip compile --quiet --universal --fork-strategy fewest --all-extras \
    --no-header --no-annotate --no-emit-index-url --output-file requirements.lock "$@" \
    pyproject.toml "$tools/build.in"
