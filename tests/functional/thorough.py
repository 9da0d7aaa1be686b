"""The coverage of the fault tests: FAULTS=all in the environment runs all cases."""

import os

ALL = os.environ.get("FAULTS") == "all"
