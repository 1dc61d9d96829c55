"""Functions that the model can call."""
