"""Subscribers: who is told of alliances and how, and what became of each telling."""

import re
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator

from schemas.base import Frozen
from schemas.deal import DealKind, DealStatus

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class SubscriberKind(StrEnum):
    """How a subscriber is told."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    EMAIL = "email"
    COMMAND = "command"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    UNFIT = "unfit"


class Subscriber(Frozen):
    """One that is told of alliances which fit all of its filters; an empty filter fits all."""

    subscriber_id: str = Field(description="The subscriber.")
    name: str = Field(description="Chosen by the user, unique: lower-case letters, digits, `.`, `_`, `-`.")
    kind: SubscriberKind = Field(description="`webhook`, `slack`, `email` or `command`.")
    target: str = Field(description="Address or command line; `${NAME}` stands for an environment variable.")
    secret_name: str | None = Field(
        None, description="The environment variable that holds what webhooks are signed with."
    )
    parties: tuple[str, ...] = Field((), description="One of these companies is in it.")
    kinds: tuple[DealKind, ...] = Field((), description="One of its deals is of one of these kinds.")
    statuses: tuple[DealStatus, ...] = Field((), description="That deal has one of these statuses.")
    min_usd: Decimal | None = Field(None, ge=0, description="Least sum of it in US dollars.")
    min_confidence: float | None = Field(None, ge=0, le=1, description="Least confidence of that deal.")
    updates: bool = Field(False, description="True: told of changes, too.")
    paused: bool = Field(False, description="True: told of nothing until it is resumed.")
    position: int = Field(0, ge=0, description="The last event in `outbox` that was looked at for it.")
    added_at: datetime = Field(description="When it was added; it is told of what is announced from then on.")

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("lower-case letters, digits, '.', '_' and '-' only")
        return value

    @field_validator("parties", "kinds", "statuses", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:
        return value or ()


class Delivery(Frozen):
    """One telling. `body` is what is told, as JSON; it stays the same in every try."""

    delivery_id: str = Field(description="The same in every try: who receives it twice can tell.")
    subscriber_id: str = Field(description="The subscriber.")
    event_id: str = Field(description="The event in `outbox`.")
    event: str = Field(description="Its name.")
    alliance_id: str = Field(description="The id that the alliance has now.")
    title: str = Field("", description="Of the alliance.")
    position: int = Field(0, description="Of the event.")
    state: DeliveryState = Field(description="`waiting`, `sent`, `dead` (given up, kept) or `unfit` (no filter fits).")
    body: str | None = Field(None, description="What is told, as JSON.")
    queued_at: datetime = Field(description="When it was found to be due.")
    attempts: int = Field(0, ge=0, description="Tries so far.")
    next_at: datetime | None = Field(None, description="When it is tried next.")
    tried_at: datetime | None = Field(None, description="When it was tried last.")
    sent_at: datetime | None = Field(None, description="When the subscriber took it.")
    error: str | None = Field(None, description="Why the last try failed.")
