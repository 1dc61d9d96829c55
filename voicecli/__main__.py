"""The way in, of the `voicecli` script and of `python -m voicecli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C during the imports is an interruption and no traceback."""
    try:
        from voicecli.cli import app

        app.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
