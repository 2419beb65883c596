"""Feeds, what polling one gave, and the entries it lists."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.base import Frozen

PollStatus = Literal["ok", "not_modified", "retry", "refused", "gone", "error"]


class Feed(Frozen):
    """One feed that is polled, with what the last poll learned about it. Times are UTC."""

    feed_id: str = Field(description="Content hash of the address as it was added.")
    url: str = Field(description="Address that is polled.")
    title: str | None = Field(None, description="As the feed names itself.")
    site_url: str | None = Field(None, description="The site the feed belongs to.")
    added_at: datetime
    folder: str | None = Field(None, description="Folder of the list it came from, outer/inner; None: in none.")
    paused: bool = Field(False, description="True: kept, but not polled.")
    etag: str | None = Field(None, description="Validator of the last full answer.")
    last_modified: str | None = Field(None, description="Validator of the last full answer.")
    body_hash: str | None = Field(None, description="Hash of the last full body; equal means nothing new.")
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_due_at: datetime | None = Field(None, description="Not polled before; None means due at once.")
    failures: int = Field(0, ge=0, description="Failed polls in a row.")
    last_error: str | None = None


class Poll(Frozen):
    """One visit to one feed."""

    feed_id: str
    url: str
    polled_at: datetime
    status: PollStatus
    http_status: int | None = None
    entries: int = Field(0, ge=0, description="Entries in the answer.")
    new: int = Field(0, ge=0, description="Entries not stored before.")
    bytes: int = Field(0, ge=0)
    seconds: float = Field(0.0, ge=0)
    error: str | None = None


class Entry(Frozen):
    """One item of a feed, as the feed tells it."""

    guid: str | None = Field(None, description="As printed; None if the feed gives none.")
    url: str = Field(description="Absolute link to the page.")
    title: str = ""
    summary: str | None = Field(None, description="Plain text.")
    content: str | None = Field(None, description="Full content as plain text, where the feed carries it.")
    author: str | None = None
    published_at: datetime | None = Field(None, description="UTC; None if no date can be read.")


class Polled(Frozen):
    """A poll with what it brought: the feed with its new state and the entries it lists."""

    poll: Poll
    feed: Feed
    entries: tuple[Entry, ...] = ()
