#!/bin/sh
# Print the path of the Python to set voicecli up with; fail if there is none of 3.11 or later.
# usage: find-python.sh [CANDIDATE...]      candidates are tried before the usual names
# 3.13 and 3.11 come first: pocketsphinx, the local server's ears, has wheels for these.
set -eu

for name in "$@" python3.13 python3.11 python3 python3.14 python3.12 python; do
    # Finding the name is not enough: a pyenv shim of a version that is not active exists and fails.
    if path=$("$name" -c '
import sys
sys.exit("too old") if sys.version_info < (3, 11) else print(sys.executable)' 2>/dev/null); then
        printf '%s\n' "$path"
        exit 0
    fi
done
exit 1
