"""Reading pages inside a process of its own; see `worker`."""

from typing import Any

from dealwire.feeds import page


def prepare() -> None:
    """Import what reading a page needs, which the first page would otherwise pay for out of its own bounds."""
    for paragraphs in (3, 30):
        text = b"<p>A page of nothing but words, some short and some long enough to be read as one. </p>" * paragraphs
        page.read_page(b"<html><body><article>" + text + b"</article></body></html>", url="https://page.example/")


def answer(asked: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The page, with its date beside it, or why it cannot be read."""
    try:
        found = page.read_page(body, url=asked["url"], content_type=asked["content_type"])
    except MemoryError:
        raise
    except Exception as error:  # the page's HTML is anybody's
        return {"reason": " ".join(f"{type(error).__name__}: {error}".split())[:200]}
    when = found.published_at.isoformat() if found.published_at else None
    return {"found": found._replace(published_at=None), "published_at": when}
