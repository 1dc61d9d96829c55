"""Sound: formats, devices, microphone, speaker, jitter buffer."""
