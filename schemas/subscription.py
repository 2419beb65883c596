"""A feed's subscription with a WebSub hub."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.base import Frozen

SubscriptionState = Literal["none", "asked", "active", "denied", "silent", "ending", "ended"]


class Subscription(Frozen):
    """What a hub was asked to deliver, and how that stands. Times are UTC."""

    feed_id: str
    token: str = Field(description="Last part of the address that the hub calls; hard to guess.")
    hub: str | None = None
    topic: str | None = None
    secret: str | None = Field(None, repr=False)
    state: SubscriptionState = "none"
    checked_at: datetime
    requested_at: datetime | None = None
    verified_at: datetime | None = None
    expires_at: datetime | None = None
    last_push_at: datetime | None = None
    pushes: int = Field(0, ge=0)
    error: str | None = None
