"""Objects in JSON, one a line, as users give them: what is wrong is told with its line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.errors import InvalidInput


def values(lines: Iterable[str], name: str) -> Iterator[tuple[int, Any]]:
    """The number and the value of each line that is not blank. Raises `InvalidInput` for a line that is no JSON."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInput(f"{name} line {number} is no JSON ({error.msg} at column {error.colno})") from error
