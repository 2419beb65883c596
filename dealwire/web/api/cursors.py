"""Cursors: a position in a list as an opaque text, which fits the list and the filters that it was made for alone."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from dealwire.warehouse.keyset import Position
from schemas.errors import InvalidInput
from schemas.ids import content_id


def written(position: Position | None, of: str, asked: Mapping[str, Any]) -> str | None:
    """The cursor for a position in the list `of` something; None for none."""
    if position is None:
        return None
    told = json.dumps([_list(of, asked), *position], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(cursor: str | None, of: str, asked: Mapping[str, Any]) -> Position | None:
    """The position. Raises `InvalidInput` if the cursor was made for another list, or by somebody else."""
    if cursor is None:
        return None
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidInput("that is no cursor; take `next` of the page before") from error
    if not isinstance(told, list) or not told or not all(isinstance(part, str) for part in told):
        raise InvalidInput("that is no cursor; take `next` of the page before")
    if told[0] != _list(of, asked):
        raise InvalidInput("the cursor belongs to a list with other filters; begin without one")
    return tuple(told[1:])


def _list(of: str, asked: Mapping[str, Any]) -> str:
    return content_id(of, *sorted(asked.items()))[:8]
