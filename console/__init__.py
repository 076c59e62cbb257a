"""The rollback console without a screen: everything here runs headless."""

import gc
import sys
from typing import Any, cast

# httpx's package imports its own command line with rich and pygments wherever those are installed, which costs a
# tenth of `status`; None makes it take the way it has for when they are not.
cast(dict[str, Any], sys.modules).setdefault("httpx._main", None)

# Importing the SDK makes some 300,000 objects that all stay; collecting between them only costs time.
gc.set_threshold(50_000, 20, 20)
