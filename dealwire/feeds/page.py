"""Reading pages: the article's title, text, author, date and language out of HTML."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from dealwire.feeds.text import tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement as _Element

_SHORT = 600


class Page(NamedTuple):
    """What a page says. `text` is the body alone; `url` is the canonical address that the page names, on its host."""

    title: str | None
    text: str
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    url: str | None = None


def read_page(body: bytes, *, url: str, content_type: str = "") -> Page:
    """The article of a page fetched from `url`; text is empty if there is none. Plain text is taken as it is."""
    # Servers call plain text all sorts of things; what has no tag and is not binary can be nothing else.
    if content_type.split(";")[0].strip().lower() == "text/plain" or (b"<" not in body and b"\x00" not in body):
        return _plain(body, content_type)
    import trafilatura

    document = trafilatura.load_html(body)
    if document is None:
        return Page(None, "")
    # `bare_extraction` empties the tree it is given, so what is read from the head comes first.
    canonical, language = _canonical(document, url), _language(document)
    found = _extract(document, url, fast=True)
    if found is None or len(found.text or "") < _SHORT:
        again = _extract(body, url, fast=False)
        if again is not None and (found is None or len(again.text or "") > len(found.text or "")):
            found = again
    if found is None:
        return Page(None, "", language=language, url=canonical)
    return Page(
        title=" ".join((found.title or "").split()) or None,
        text=paragraphs(found.text or ""),
        author=found.author or None,
        language=language,
        published_at=_day(found.date),
        url=canonical,
    )


def _extract(source: Any, url: str, *, fast: bool) -> Any:
    """Trafilatura's document with metadata, or None; `source` is a tree, which is emptied, or bytes."""
    import trafilatura

    return trafilatura.bare_extraction(
        source, url=url, include_comments=False, include_tables=True, fast=fast, with_metadata=True
    )


def paragraphs(text: str) -> str:
    """A blank line after every paragraph."""
    return "\n\n".join(line for line in tidy(text).split("\n") if line)


def _plain(body: bytes, content_type: str) -> Page:
    charset = re.search(r"charset=([\w-]+)", content_type, re.IGNORECASE)
    try:
        text = body.decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    whole = paragraphs(text)
    # The first line stays in the text: a feed's title may differ from it, and then it would be lost.
    return Page(whole.partition("\n")[0] or None, whole)


def _canonical(document: "_Element", url: str) -> str | None:
    found = document.xpath("//link[@rel='canonical']/@href")
    if not found:
        return None
    joined = urljoin(url, str(found[0]).strip())
    here, there = urlsplit(url), urlsplit(joined)
    # A canonical link to the front page, or to another host, is a mistake of the publisher's more often than not.
    same_host = (here.hostname or "").removeprefix("www.") == (there.hostname or "").removeprefix("www.")
    return joined if same_host and there.path.strip("/") else None


def _language(document: "_Element") -> str | None:
    found = document.get("lang") or ""
    return found.split("-")[0].lower()[:3] or None


def _day(found: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(found).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
