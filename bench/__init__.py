"""Measures voicecli beside its peers: what anyone can repeat with `make bench`."""
