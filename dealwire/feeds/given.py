"""Articles that come from elsewhere than a feed: one item of an archive, and what it says."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from dealwire.feeds import identity, page
from dealwire.feeds.articles import compose
from dealwire.feeds.language import language
from dealwire.feeds.page_readers import ReadPage
from schemas import Article
from schemas.errors import FeedHostile
from schemas.ids import content_id

# Less than this is a section's page, a picture's or a login's.
_STORY = 250


class Given(NamedTuple):
    """One item. `text` is plain, `page` is HTML or whatever a server sent; None: the article is read from its address.

    `where` names it in messages; `seen_at` is when it was captured.
    """

    where: str
    url: str | None = None
    title: str | None = None
    text: str | None = None
    page: bytes | None = None
    content_type: str = ""
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    seen_at: datetime | None = None


class Step(NamedTuple):
    """Where reading goes on after this item; `given` is None, and `complaint` says why, if it holds no article."""

    position: int
    given: Given | None = None
    complaint: str | None = None


Steps = Iterator[Step]


def article(given: Given, *, now: datetime, read_page: ReadPage = page.read_page) -> Article | str:
    """The article that an item holds, or why it holds none."""
    try:
        return _article(given, now, read_page)
    except FeedHostile as error:
        return f"{given.where}: {error.reason}"
    except Exception as error:  # archives hold what anybody has written
        return f"{given.where}: {type(error).__name__}: {error}"


def _article(given: Given, now: datetime, read_page: ReadPage) -> Article | str:
    title, text, author, when, code = given.title, given.text, given.author, given.published_at, given.language
    url, mark = given.url, None
    if given.page is not None:
        found = read_page(given.page, url=given.url or "", content_type=given.content_type)
        if found.withheld in ("consent", "challenge") or len(found.text) < _STORY:
            return f"{given.where}: no article"
        mark = found.withheld
        title, text = title or found.title, found.text
        author, when, code = author or found.author, when or found.published_at, code or found.language
        url = found.url or url
    if text is None:
        return _made(url, given, now)
    whole = compose(title or "", text)
    if not whole:
        return f"{given.where}: no text"
    return _made(url, given, now).model_copy(
        update={
            "title": title or whole.partition("\n")[0],
            "text": whole,
            "text_hash": content_id(whole),
            "author": author,
            "language": code or language(whole),
            "published_at": when,
            "read_status": "page",
            "read_at": given.seen_at or now,
            "withheld": mark,
        }
    )


def _made(url: str | None, given: Given, now: datetime) -> Article:
    # Without an address, where it was found is one.
    address = identity.canonical_url(url) if url else f"file:///{quote(given.where.lstrip('/'))}"
    return Article(
        article_id=identity.article_id(address) if url else content_id("article", address),
        url=address,
        site=identity.site(address) or "local",
        title=given.title or "",
        published_at=given.published_at,
        first_seen_at=given.seen_at or now,
    )
