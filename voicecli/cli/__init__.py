"""Commands: parse, build, run, exit code."""
