"""Entries become articles, and articles get the text of their pages."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue

from dealwire.feeds import identity, page
from dealwire.feeds.client import Client
from dealwire.feeds.language import language
from dealwire.feeds.page_readers import ReadPage
from dealwire.feeds.robots import Robots
from schemas import Article, Entry, Reading, StoredPage
from schemas.errors import DealwireError, FeedUnreachable, HostPaused
from schemas.ids import content_id

# Below this a page's text is a stub (a paywall, a consent page); the feed's own text is then the better one if longer.
_STUB = 400
# A feed this many times longer than its page carries the whole article, and the page only its beginning.
_FULLER = 1.25
_ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.5"
_SHOWN = {
    "paywall": "the page shows only the beginning to those who do not pay",
    "consent": "the page asks for consent first",
    "challenge": "the page checks whether a person reads it",
}


def from_entry(entry: Entry, *, feed_id: str, now: datetime) -> Article:
    """The article that an entry leads to, not read yet."""
    url = identity.canonical_url(entry.url)
    own = max((entry.content or "", entry.summary or ""), key=len)
    return Article(
        article_id=identity.article_id(url),
        url=url,
        site=identity.site(url),
        feed_id=feed_id,
        title=entry.title,
        feed_text=own or None,
        author=entry.author,
        published_at=entry.published_at,
        first_seen_at=now,
    )


def read(
    pending: Sequence[Article],
    *,
    client: Client,
    now: Callable[[], datetime],
    attempts: int,
    robots: Robots | None = None,
    read_page: ReadPage = page.read_page,
    size: int = 50,
    patience: float = 1.0,
) -> Iterator[list[Reading]]:
    """What reading the articles gave, as it finishes; `page` is there where one was fetched.

    A batch is what has finished within `patience` seconds, at most `size`: one slow page holds up no others.

    A page that cannot be read stays pending until `attempts` tries have failed; then the feed's own text is taken.
    An article that was read before and cannot be read again keeps its text. Pages that a site's robots.txt closes are
    not asked for.
    """
    rules = robots or Robots(client)
    with ThreadPoolExecutor(max_workers=client.at_once) as pool:
        futures = [pool.submit(_read_one, article, client, rules, now, attempts, read_page) for article in pending]
        done: SimpleQueue[Future[Reading]] = SimpleQueue()
        for future in futures:
            future.add_done_callback(done.put)
        left = len(futures)
        try:
            while left:
                batch = [done.get().result()]
                end = time.monotonic() + patience
                with suppress(Empty):
                    while len(batch) < min(size, left):
                        batch.append(done.get(timeout=max(0.0, end - time.monotonic())).result())
                left -= len(batch)
                yield batch
        finally:
            for future in futures:
                future.cancel()


def read_again(article: Article, stored: StoredPage, *, now: datetime, read_page: ReadPage = page.read_page) -> Article:
    """The article as the present reader reads its stored page; unchanged if that gives less than the text it has."""
    try:
        found = read_page(stored.body, url=stored.url, content_type=stored.content_type)
    except Exception:  # the page's HTML is anybody's; one page must not stop the others
        return article
    read = _from_page(article, found, now=now)
    return article if read.read_status != "page" and article.text is not None else read


def compose(title: str, body: str) -> str:
    """The text that offsets count in: the title, a blank line, then the body without a repeat of the title."""
    title, body = " ".join(title.split()), body.strip()
    first, _, rest = body.partition("\n")
    if title and first.strip().casefold() == title.casefold():
        body = rest.strip()
    return "\n\n".join(part for part in (title, body) if part)


def _read_one(
    article: Article,
    client: Client,
    robots: Robots,
    now: Callable[[], datetime],
    attempts: int,
    read_page: ReadPage,
) -> Reading:
    tried = article.read_attempts + 1 if article.read_status == "pending" else 1
    given = article.model_copy(update={"read_attempts": tried})
    try:
        if not robots.allowed(article.url):
            shut = given.model_copy(update={"withheld": "robots"})
            return _reading(_without_page(shut, "robots.txt asks not to read the page", last=True, now=now()), article)
        if not robots.wait(article.url):
            return _reading(article, article)
        answer = client.fetch(article.url, accept=_ACCEPT)
        stored = StoredPage(
            article_id=article.article_id,
            url=answer.url,
            content_type=answer.headers.get("content-type", ""),
            fetched_at=now(),
            body=answer.body,
        )
        found = read_page(answer.body, url=answer.url, content_type=stored.content_type)
    except HostPaused:
        # Its turn comes when the host can be asked again; that is no failure of the page.
        return _reading(article, article)
    except DealwireError as error:
        gone = isinstance(error, FeedUnreachable) and error.status in (404, 410, 451)
        paid = isinstance(error, FeedUnreachable) and error.status == 402
        last = tried >= attempts or gone or paid or not isinstance(error, FeedUnreachable)
        told = given.model_copy(update={"withheld": "paywall"}) if paid else given
        return _reading(_without_page(told, f"{error}", last=last, now=now()), article)
    except Exception as error:  # the page's HTML is anybody's; one page must not stop the others
        return _reading(_without_page(given, f"{type(error).__name__}: {error}", last=True, now=now()), article)
    read = _from_page(given, found, now=now())
    return _reading(read, article, stored if read.withheld not in ("consent", "challenge") else None)


def _from_page(article: Article, found: page.Page, *, now: datetime) -> Article:
    own = article.feed_text or ""
    given = article.model_copy(update={"withheld": found.withheld})
    if found.withheld in ("consent", "challenge"):
        return _without_page(given, _SHOWN[found.withheld], last=True, now=now)
    if found.withheld == "paywall" and (article.text is not None or len(own) >= len(found.text)):
        return _without_page(given, _SHOWN["paywall"], last=True, now=now)
    if (len(found.text) < _STUB and len(own) > len(found.text)) or len(own) > _FULLER * len(found.text):
        return _without_page(given, "the page holds less than the feed", last=True, now=now)
    if not found.text:
        return _without_page(given, "the page holds no article", last=True, now=now)
    return _with_text(
        _addressed(given, found).model_copy(
            update={
                "title": article.title or found.title or "",
                "author": article.author or found.author,
                "language": found.language,
                "published_at": article.published_at or found.published_at,
                "read_status": "page",
                "read_error": _SHOWN["paywall"] if found.withheld else None,
                "read_at": now,
                "changed_at": None,
            }
        ),
        found.text,
    )


def _addressed(article: Article, found: page.Page) -> Article:
    """The article at the address that its page names as its own; one that has a text already keeps its id."""
    if found.url is None or article.text is not None:
        return article
    url = identity.canonical_url(found.url)
    return article.model_copy(update={"article_id": identity.article_id(url), "url": url, "site": identity.site(url)})


def _reading(article: Article, listed: Article, stored: StoredPage | None = None) -> Reading:
    return Reading(article=article, listed_as=listed.article_id, page=stored)


def _without_page(article: Article, error: str, *, last: bool, now: datetime) -> Article:
    """The article with the feed's own text, if this was the last try; one that has a text from its page keeps it."""
    update: dict[str, object] = {"read_error": error[:300], "read_at": now}
    if article.read_status == "page" and article.text is not None:
        return article.model_copy(update={"read_at": now, "changed_at": None} if last else {"read_at": now})
    if not last:
        return article.model_copy(update=update)
    update |= {"changed_at": None}
    body = article.feed_text or ""
    # A headline alone can tell a deal.
    if not body and not article.title:
        return article.model_copy(update=update | {"read_status": "failed"})
    told = article.language or language(f"{article.title}. {body}")
    return _with_text(article.model_copy(update=update | {"read_status": "feed", "language": told}), body)


def _with_text(article: Article, body: str) -> Article:
    text = compose(article.title, body)
    return article.model_copy(update={"text": text, "text_hash": content_id(text)})
