"""WARC files: the pages of a crawl, one record after the other, from any record on."""

import re
from typing import IO

from dealwire.feeds.given import Given, Step, Steps
from dealwire.feeds.metadata import instant
from schemas.errors import InvalidInput


def read(file: IO[bytes], position: int, limit: int, *, where: str) -> Steps:
    """The pages from the record at `position` (bytes) on; a page over `limit` bytes is left out.

    Only answers with status 200 that are HTML or text. The position of a step is that of its own record, so that
    reading on begins with one record twice rather than with one too few.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    if position:
        file.seek(position)
    try:
        records = ArchiveIterator(file, arc2warc=True)
        for record in records:
            if record.rec_type != "response" or record.http_headers is None:
                continue
            at = records.offset
            given = _page(record, limit, where=f"{where} at {at}")
            if given is not None:
                yield Step(at, given)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        raise InvalidInput(f"{where} is damaged or no WARC ({' '.join(str(error).split())[:200]})") from error


def _page(record: "object", limit: int, *, where: str) -> Given | None:
    from warcio.recordloader import ArcWarcRecord

    assert isinstance(record, ArcWarcRecord)
    status = (record.http_headers.get_statuscode() or "").strip()
    kind = record.http_headers.get_header("Content-Type") or ""
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if status != "200" or not re.match(r"(?:text/|application/xhtml)", kind.strip() or "text/html", re.IGNORECASE):
        return None
    if not url.strip("<>").startswith(("http://", "https://")):
        return None
    try:
        body = record.content_stream().read(limit + 1)
    except Exception:  # the body is packed, and damaged in one way or another
        return None
    if len(body) > limit or not body.strip():
        return None
    seen = instant((record.rec_headers.get_header("WARC-Date") or "").replace("Z", "+00:00"))
    return Given(where, url=url.strip("<>"), page=body, content_type=kind, seen_at=seen)
