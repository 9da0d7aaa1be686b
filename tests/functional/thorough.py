"""How much of what could be tried is tried: FAULTS=all in the environment tries all of it."""

import os

ALL = os.environ.get("FAULTS") == "all"
