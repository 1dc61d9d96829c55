"""The embedded Live API server, an independent reading of the protocol."""
