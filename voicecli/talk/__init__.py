"""The conversation: its tasks, transcript and script."""
