"""The Live API: client, models, setup, typed events, session."""
