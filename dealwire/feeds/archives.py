"""Archives of articles on disk: JSON Lines, HTML and text, in files, folders, zip and tar; WARC as CC-NEWS has it."""

import gzip
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from dealwire.feeds.given import Given, Step, Steps
from dealwire.feeds.metadata import instant
from schemas.errors import InvalidInput

_PAGES = (".html", ".htm", ".xhtml", ".txt", ".md")
_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".json")
_WARCS = (".warc", ".warc.gz", ".arc", ".arc.gz")
_PACKED = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_LONGEST_LINE = 20_000_000


class Part(NamedTuple):
    """A piece of a source that is read in one go. `read(position, limit)` goes on from a position it gave before.

    Its name changes when the file does; `size` is in the unit of positions.
    """

    name: str
    size: int
    read: Callable[[int, int], Steps]


def parts(path: Path) -> Iterator[Part]:
    """The parts of a file or folder. Raises `InvalidInput` if nothing of it can be read."""
    if path.is_dir():
        pages, others = _listed(path)
        if pages:
            yield Part(f"{path} ({len(pages)} pages)", len(pages), lambda at, limit: _folder(pages, at, limit))
        for one in others:
            yield _part(one)
    elif path.is_file():
        yield _part(path)
    else:
        raise InvalidInput(f"there is no file {path}")


def apart(path: Path) -> list[Path]:
    """The sources that hold together what `path` does: its archives, unless pages lie among them, which are one part.

    Raises `InvalidInput` if nothing of a folder can be read.
    """
    pages, others = _listed(path) if path.is_dir() else ([path], [])
    return [path] if pages else others


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    files = sorted(one for one in folder.rglob("*") if one.is_file() and not one.name.startswith("."))
    pages = [one for one in files if one.name.lower().endswith(_PAGES)]
    others = [one for one in files if one.name.lower().endswith((*_LINES, *_WARCS, *_PACKED))]
    if not pages and not others:
        raise InvalidInput(f"{folder} holds neither JSONL, HTML, text, WARC nor an archive of those")
    return pages, others


def _part(path: Path) -> Part:
    size, name = path.stat().st_size, path.name.lower()
    read: Callable[[int, int], Steps]
    if name.endswith(_WARCS):
        from dealwire.feeds import warcs

        def read(at: int, limit: int) -> Steps:
            with path.open("rb") as file:
                yield from warcs.read(file, at, limit, where=path.name)

    elif name.endswith(_LINES):

        def read(at: int, limit: int) -> Steps:
            with gzip.open(path) if name.endswith(".gz") else path.open("rb") as file:
                yield from lines(file, at, where=path.name)  # type: ignore[arg-type]

    elif name.endswith(".zip"):

        def read(at: int, limit: int) -> Steps:
            return _zip(path, at, limit)

    elif name.endswith(_PACKED):

        def read(at: int, limit: int) -> Steps:
            return _tar(path, at, limit)

    elif name.endswith(_PAGES):

        def read(at: int, limit: int) -> Steps:
            return _folder([path], at, limit)

        size = 1
    else:
        raise InvalidInput(f"{path} is of no kind that can be read: JSONL, HTML, text, WARC, zip or tar")
    return Part(f"{path} ({path.stat().st_size} bytes)", size, read)


def lines(file: IO[bytes], position: int, *, where: str) -> Steps:
    """JSON Lines from a position in bytes; a line that is no article is told by its number if read from the start."""
    file.seek(position)
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        position += len(line)
        told = f"{where} line {number}" if position else where
        if not line.strip():
            continue
        if not line.endswith(b"\n") and len(line) >= _LONGEST_LINE:
            yield Step(position, None, f"{told}: longer than {_LONGEST_LINE / 1e6:g} MB")
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield Step(position, None, f"{told}: no JSON")
            continue
        given = _object(found, told)
        yield Step(position, given, None if given else f"{told}: neither url, text nor html")


def _object(found: Any, where: str) -> Given | None:
    if not isinstance(found, dict):
        return None

    def text(*names: str) -> str | None:
        return next((found[name] for name in names if isinstance(found.get(name), str) and found[name].strip()), None)

    body, html = text("text", "maintext", "body", "content", "article"), text("html", "raw_html", "page")
    if body and html is None and body.lstrip().startswith("<"):
        body, html = None, body
    url = text("url", "link", "canonical_url", "uri")
    if url is not None and not url.startswith(("http://", "https://")):
        url = None
    if url is None and body is None and html is None:
        return None
    authors = found.get("authors")
    return Given(
        where,
        url=url,
        title=text("title", "headline"),
        text=body,
        page=html.encode("utf-8", "replace") if html and body is None else None,
        content_type="text/html; charset=utf-8",
        author=text("author") or (", ".join(map(str, authors)) or None if isinstance(authors, list) else None),
        language=(text("language", "lang") or "")[:2].lower() or None,
        published_at=_when(text("published_at", "published", "date_publish", "date", "publication_date", "timestamp")),
        seen_at=_when(text("fetched_at", "date_download", "crawled_at")),
    )


def _when(found: str | None) -> datetime | None:
    when = instant(found)
    if when is None and found:
        from email.utils import parsedate_to_datetime

        try:
            when = instant(parsedate_to_datetime(found).isoformat())
        except (ValueError, TypeError, IndexError):
            return None
    return when


def _folder(pages: list[Path], position: int, limit: int) -> Steps:
    for at in range(position, len(pages)):
        path = pages[at]
        try:
            if path.stat().st_size > limit:
                yield Step(at + 1, None, f"{path}: larger than {limit / 1e6:g} MB")
                continue
            yield Step(at + 1, _page(str(path), path.read_bytes()))
        except OSError as error:
            yield Step(at + 1, None, f"{path}: {error}")


def _zip(path: Path, position: int, limit: int) -> Steps:
    try:
        with zipfile.ZipFile(path) as packed:
            members = [(one.filename, one.file_size, one) for one in packed.infolist() if not one.is_dir()]
            yield from _members(path, members, packed.open, position, limit)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error


def _tar(path: Path, position: int, limit: int) -> Steps:
    try:
        # As a stream, one member after the other; nothing is ever written to disk.
        with tarfile.open(path, "r|*") as packed:
            members = ((one.name, one.size, one) for one in packed if one.isfile())
            yield from _members(path, members, packed.extractfile, position, limit)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error


def _members(path: Path, members: Any, opened: Callable[[Any], Any], position: int, limit: int) -> Steps:
    """Positions count members; one that holds many articles is read whole or not at all."""
    for at, (name, size, member) in enumerate(members):
        lower, where = name.lower(), f"{path.name}/{name}"
        if at < position or PurePosixPath(name).name.startswith("."):
            continue
        if lower.endswith(_LINES) and not lower.endswith(".gz"):
            with opened(member) as file:
                yield from (step._replace(position=at) for step in _unseekable(file, where))
            yield Step(at + 1)
        elif lower.endswith(_PAGES):
            if size > limit:
                yield Step(at + 1, None, f"{where}: larger than {limit / 1e6:g} MB")
                continue
            with opened(member) as file:
                yield Step(at + 1, _page(where, file.read(limit)))


def _unseekable(file: IO[bytes], where: str) -> Steps:
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
        if line.strip():
            try:
                given = _object(json.loads(line), f"{where} line {number}")
            except (ValueError, RecursionError):
                given = None
            yield Step(0, given, None if given else f"{where} line {number}: no article")


def _page(where: str, body: bytes) -> Given:
    kind = "text/plain; charset=utf-8" if where.lower().endswith((".txt", ".md")) else "text/html"
    return Given(where, url=_named(body) if kind == "text/html" else None, page=body, content_type=kind)


def _named(body: bytes) -> str | None:
    """The address that a saved page gives as its own, which no request confirms."""
    import trafilatura

    document = trafilatura.load_html(body[:200_000])
    if document is None:
        return None
    links = document.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    return next((str(link) for link in links if str(link).startswith(("http://", "https://"))), None)
