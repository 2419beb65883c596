"""Visitors: who asks, and what they may do."""

import secrets
from dataclasses import dataclass
from typing import Literal, NamedTuple

from starlette.requests import HTTPConnection

from schemas.errors import DealwireError

Role = Literal["reader", "admin"]


class Told(NamedTuple):
    """A line for the visitor; `tone` is `good` or `warning`."""

    text: str
    tone: str


class NotAllowed(DealwireError):
    """The visitor may look, but not change anything."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Visitor:
    """Who asks. `csrf` goes into every form that changes something, as the hidden field `csrf`.

    `told`: what became of the last change, to be shown once.
    """

    role: Role
    csrf: str
    logged_in: bool = False
    told: Told | None = None


_NOBODY = Visitor("reader", secrets.token_urlsafe(16))


def visitor(connection: HTTPConnection) -> Visitor:
    """Who asks, as the guard has found."""
    found = connection.scope.get("state", {}).get("visitor")
    return found if isinstance(found, Visitor) else _NOBODY


def may_change(connection: HTTPConnection, csrf: str | None) -> Visitor:
    """The visitor, if a change is allowed: an admin whose form is one of ours. Raises `NotAllowed`."""
    one = visitor(connection)
    if one.role != "admin":
        raise NotAllowed("only an admin may change something; log in with the admin's password")
    if not csrf or not secrets.compare_digest(csrf.encode(), one.csrf.encode()):
        raise NotAllowed("this form is too old, or not from here; load the page again and repeat it")
    return one
