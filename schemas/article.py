"""One article, stored once however many feeds list it, and the page that its text was read from."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.base import Frozen

ReadStatus = Literal["pending", "page", "feed", "failed"]
Withheld = Literal["paywall", "consent", "challenge", "robots"]


class Article(Frozen):
    """A story at one address. `text` is the title, a blank line, then the body; offsets count its code points."""

    article_id: str = Field(description="Content hash of the canonical address.")
    url: str = Field(description="Canonical address.")
    site: str = Field(description="Host without www.; sources are counted by it.")
    feed_id: str | None = Field(None, description="The feed that listed it first; None if given by hand.")
    title: str = ""
    text: str | None = Field(None, description="None until the page was read.")
    feed_text: str | None = Field(
        None, description="What the feed itself tells, plain text; used when the page cannot be read."
    )
    author: str | None = None
    language: str | None = Field(None, description="ISO 639-1.")
    published_at: datetime | None = Field(None, description="UTC, as printed.")
    first_seen_at: datetime
    read_status: ReadStatus = Field("pending", description="Where the text comes from.")
    read_attempts: int = Field(0, ge=0)
    read_error: str | None = None
    read_at: datetime | None = None
    text_hash: str | None = Field(None, description="Hash of `text`; a change means a new revision.")
    withheld: Withheld | None = Field(
        None,
        description="What the page showed in place of the story: a paywall, a consent page, a check for robots "
        "(challenge), or robots.txt asked not to read it; None if it showed the story.",
    )
    revision: int = Field(1, ge=1, description="Counts the texts it has had; the earlier ones: `article_revisions`.")
    changed_at: datetime | None = Field(
        None, description="When a feed told of a change that was not read yet; None if there is none."
    )


class StoredPage(Frozen):
    """A page as it was fetched, so that a better reader can read it again."""

    article_id: str
    url: str = Field(description="Where redirects ended.")
    content_type: str = ""
    fetched_at: datetime
    body: bytes = Field(description="Decompressed; the warehouse compresses it.")


class Reading(Frozen):
    """What reading one article gave; `listed_as` differs from the article's id if its page names another address."""

    article: Article
    listed_as: str
    page: StoredPage | None = None
