"""Groups: what hangs together, directly or through others."""

from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

T = TypeVar("T", bound=Hashable)


def groups(members: Iterable[T], ties: Iterable[tuple[T, T]]) -> dict[T, T]:
    """For each member the least one of its group; a tie joins two members' groups."""
    root: dict[Any, Any] = {one: one for one in members}

    def find(one: T) -> Any:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for one, other in ties:
        least, more = sorted((find(one), find(other)))
        root[more] = least
    return {one: find(one) for one in root}
