"""Fetching and reading feeds and pages."""

import sys

# httpx would load a command line of its own, and rich and pygments for it: 7 MB that no poll needs. It does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
