"""Memory that is not used any more, given back to the system.

The C library keeps what many threads have freed, in pools of their own, and grows ever larger allocations out of these.
A round of feeds with large bodies would end with three times the memory that it needs.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
# Bodies above this are given back as soon as they are freed.
_LARGE = 256_000
# One thread runs at a time; a pool for each would hold what its last feed has left.
_POOLS = 2


def keep_little() -> None:
    """Have the C library keep as little as it can from now on. Best called before threads are started."""
    _trim()


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
        library.mallopt(_M_ARENA_MAX, _POOLS)
        trim = library.malloc_trim
    except (OSError, AttributeError):
        # Another C library.
        return lambda: None
    return lambda: trim(0)
