"""Functions that the model can call; `@tool` declares one."""

# Not the module of this name, which is imported under it first.
from voicecli.tools.declare import tool as tool
