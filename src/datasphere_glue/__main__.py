"""`python -m datasphere_glue`, the same as the console script."""

import sys

from datasphere_glue.cli import main

sys.exit(main())
