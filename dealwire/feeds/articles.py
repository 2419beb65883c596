"""Entries become articles, and articles get the text of their pages."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime

from dealwire.feeds import identity, page
from dealwire.feeds.client import Client
from schemas import Article, Entry
from schemas.errors import DealwireError, FeedUnreachable
from schemas.ids import content_id

# Below this a page's text is a stub (a paywall, a consent page); the feed's own text is then the better one if longer.
_STUB = 400
# A feed this many times longer than its page carries the whole article, and the page only its beginning.
_FULLER = 2


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
    pending: Sequence[Article], *, client: Client, now: Callable[[], datetime], attempts: int
) -> Iterator[Article]:
    """The articles with their text, as they finish.

    A page that cannot be read stays pending until `attempts` tries have failed; then the feed's own text is taken.
    """
    with ThreadPoolExecutor(max_workers=client.at_once) as pool:
        futures = [pool.submit(_read_one, article, client, now, attempts) for article in pending]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def compose(title: str, body: str) -> str:
    """The text that offsets count in: the title, a blank line, then the body without a repeat of the title."""
    title, body = " ".join(title.split()), body.strip()
    first, _, rest = body.partition("\n")
    if title and first.strip().casefold() == title.casefold():
        body = rest.strip()
    return "\n\n".join(part for part in (title, body) if part)


def _read_one(article: Article, client: Client, now: Callable[[], datetime], attempts: int) -> Article:
    tried = article.read_attempts + 1
    try:
        answer = client.fetch(article.url)
        found = page.read_page(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    except DealwireError as error:
        gone = isinstance(error, FeedUnreachable) and error.status in (404, 410, 451)
        last = tried >= attempts or gone or not isinstance(error, FeedUnreachable)
        return _without_page(article, f"{error}", tried=tried, last=last, now=now())
    except Exception as error:  # the page's HTML is anybody's; one page must not stop the others
        return _without_page(article, f"{type(error).__name__}: {error}", tried=tried, last=True, now=now())
    own = article.feed_text or ""
    if (len(found.text) < _STUB and len(own) > len(found.text)) or len(own) > _FULLER * len(found.text):
        return _without_page(article, "the page holds less than the feed", tried=tried, last=True, now=now())
    if not found.text:
        return _without_page(article, "the page holds no article", tried=tried, last=True, now=now())
    title = article.title or found.title or ""
    return _with_text(
        article.model_copy(
            update={
                "title": title,
                "author": article.author or found.author,
                "language": found.language,
                "published_at": article.published_at or found.published_at,
                "read_status": "page",
                "read_attempts": tried,
                "read_error": None,
                "read_at": now(),
            }
        ),
        found.text,
    )


def _without_page(article: Article, error: str, *, tried: int, last: bool, now: datetime) -> Article:
    update: dict[str, object] = {"read_attempts": tried, "read_error": error[:300], "read_at": now}
    if not last:
        return article.model_copy(update=update)
    if article.feed_text:
        return _with_text(article.model_copy(update=update | {"read_status": "feed"}), article.feed_text)
    # A headline alone can tell a deal.
    if article.title:
        return _with_text(article.model_copy(update=update | {"read_status": "feed"}), "")
    return article.model_copy(update=update | {"read_status": "failed"})


def _with_text(article: Article, body: str) -> Article:
    text = compose(article.title, body)
    return article.model_copy(update={"text": text, "text_hash": content_id(text)})
