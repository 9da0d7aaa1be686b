"""How much of what could be tried is tried: FAULTS in the environment says `each` or `all`.

By default a run of the tests tries a part that meets every kind of fault; `make faults` tries each
combination once.
"""

import os

ALL = os.environ.get("FAULTS") == "all"
EACH = ALL or os.environ.get("FAULTS") == "each"
