"""Functions that come with voicecli; each is off unless it is named."""
