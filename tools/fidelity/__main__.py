"""`python -m tools.fidelity FILE...`."""

import sys

from tools.fidelity.command import main

sys.exit(main(sys.argv[1:]))
