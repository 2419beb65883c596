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
    failing_since: datetime | None = Field(None, description="First failed poll since the last good one.")
    gone_at: datetime | None = Field(None, description="When the publisher said 410, gone; not polled since.")
    headers: tuple[str, ...] = Field((), description="Sent with each poll, as `Name: ${VARIABLE}`; no secrets.")
    proxy: str | None = Field(None, description="Through which it is polled.")
    full_at: datetime | None = Field(None, description="Last answer with a body.")
    unchanged: int = Field(0, ge=0, description="Answers of 304 in a row.")
    trust: int = Field(2, ge=1, description="Answers of 304 in a row that are believed before a body is asked for.")
    frozen: bool = Field(False, description="True: its validators stand still while it changes; they are not sent.")
    entries_hash: str | None = Field(None, description="Hash of the stories it listed last.")
    listed: int = Field(0, ge=0, description="Stories in the last body.")
    gap_seconds: float | None = Field(None, ge=0, description="Usual time between two of its stories, as learned.")
    changed_at: datetime | None = Field(None, description="When it last listed other stories than before.")
    quiet_polls: int = Field(0, ge=0, description="Good polls in a row that brought nothing new.")
    ttl_seconds: float | None = Field(None, ge=0, description="Time between polls that the feed itself asks for.")
    skip_hours: tuple[int, ...] = Field((), description="Hours, UTC, in which the feed asks not to be polled.")
    skip_days: tuple[int, ...] = Field((), description="Days, Monday is 0, on which the feed asks not to be polled.")
    moved_to: str | None = Field(None, description="Where it redirects to for good; not believed yet.")
    moved_seen: int = Field(0, ge=0, description="How often in a row it has done so.")


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
    note: str | None = Field(None, description="What is worth knowing of a good poll: a move, validators that lie.")


class Entry(Frozen):
    """One item of a feed, as the feed tells it."""

    guid: str | None = Field(None, description="As printed; None if the feed gives none.")
    url: str = Field(description="Absolute link to the page.")
    has_page: bool = Field(True, description="False: the feed gives no link; `url` is made up and leads nowhere.")
    title: str = ""
    summary: str | None = Field(None, description="Plain text.")
    content: str | None = Field(None, description="Full content as plain text, where the feed carries it.")
    author: str | None = None
    published_at: datetime | None = Field(None, description="UTC; None if no date can be read.")


class SiteRules(Frozen):
    """What a site's robots.txt said when it was last read."""

    site: str = Field(description="Scheme and host, with its port where that is not the usual one.")
    rules: str | None = Field(None, description="The text; None if the site has none, and so allows everything.")
    fetched_at: datetime
    fresh_until: datetime = Field(description="It is asked for again after this.")


class Polled(Frozen):
    """A poll with what it brought: the feed with its new state and the entries it lists."""

    poll: Poll
    feed: Feed
    entries: tuple[Entry, ...] = ()
