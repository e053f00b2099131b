"""How the blocking client sends: its driver, with the doors of it that a first plain run does not need, and asking for a started run."""
