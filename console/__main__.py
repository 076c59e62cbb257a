"""`python -m console` is `rollback-console`."""

import sys

from console.cli import main

sys.exit(main())
