"""Memory that is not used any more, given back to the system.

The C library keeps what many threads have freed, in pools of their own, and grows ever larger allocations out of these.
A round of feeds with large bodies would end with three times the memory that it needs.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

_M_MMAP_THRESHOLD = -3
# Bodies above this are given back as soon as they are freed.
_LARGE = 256_000


def give_back() -> None:
    """Give back what is free; does nothing where the C library has no such call. Takes about a millisecond."""
    _trim()()


@cache
def _trim() -> Callable[[], object]:
    if not sys.platform.startswith("linux"):
        return lambda: None
    try:
        library = ctypes.CDLL(None)
        # Without it, the library takes each large allocation as a reason to keep larger ones.
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        trim = library.malloc_trim
    except (OSError, AttributeError):
        # Another C library.
        return lambda: None
    return lambda: trim(0)
