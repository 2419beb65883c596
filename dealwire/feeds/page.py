"""Reading pages: the article's title, text, author, date and language out of HTML."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dealwire.feeds.language import language
from dealwire.feeds.metadata import declared
from dealwire.feeds.text import tidy
from dealwire.feeds.withheld import withheld, without_notices

if TYPE_CHECKING:
    # The process that reads pages has no use for pydantic.
    from schemas import Withheld

_SHORT = 600


class Page(NamedTuple):
    """What a page says. `text` is the body alone; `url` is the canonical address that the page names, on its host.

    `withheld` tells what the page showed in place of its story.
    """

    title: str | None
    text: str
    author: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    url: str | None = None
    withheld: "Withheld | None" = None


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
    head = declared(document, url=url)
    found = _extract(document, url, fast=True)
    if found is None or len(found.text or "") < _SHORT:
        again = _extract(body, url, fast=False)
        if again is not None and (found is None or len(again.text or "") > len(found.text or "")):
            found = again
    text = paragraphs(found.text or "") if found is not None else ""
    title = " ".join(((found.title if found is not None else None) or head.title or "").split()) or None
    shown = withheld(text=text, title=title, body=body, url=url, free=head.free)
    if shown in ("consent", "challenge"):
        # Title, author and text are those of the notice.
        return Page(None, "", withheld=shown)
    if shown == "paywall":
        text = without_notices(text)
    return Page(
        title=title,
        text=text,
        author=(found.author if found is not None else None) or head.author,
        language=language(text, declared=head.language),
        # The page's own words are exact to the second; trafilatura finds the day in many more places.
        published_at=head.published_at or _day(found.date if found is not None else None),
        url=head.url,
        withheld=shown,
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
    return Page(whole.partition("\n")[0] or None, whole, language=language(whole))


def _day(found: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(found).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
