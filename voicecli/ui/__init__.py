"""What a person sees: Rich TUI, plain lines, JSON lines, keys."""

from voicecli.ui.choose import choose_view

__all__ = ["choose_view"]
