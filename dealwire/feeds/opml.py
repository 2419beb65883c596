"""OPML: the lists of feeds that readers exchange."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html.entities import html5
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.errors import InvalidInput

if TYPE_CHECKING:
    from schemas import Feed

_DEEPEST = 100
_OUTLINE = re.compile(rb"""<(?:\w+:)?outline\b(?:[^>"']|"[^"]*"|'[^']*')*""", re.IGNORECASE)


class Outline(NamedTuple):
    """One feed of a list; `folder` is where it lies, outer/inner."""

    url: str
    title: str | None
    folder: str | None = None
    site_url: str | None = None


def read(text: str | bytes) -> tuple[list[Outline], list[str]]:
    """The feeds of an OPML document, nested ones included, and a complaint for each outline that cannot be used.

    A complaint begins with its line. What is not well-formed is mended where that can be done. Raises `InvalidInput`
    if the document cannot be read at all.
    """
    data, complaints = _mended(text if isinstance(text, bytes) else _undeclared(text))
    if b"<!ENTITY" in data:
        raise InvalidInput("the OPML defines entities, which is not accepted")
    from lxml import etree

    parser: Any = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"the OPML is not well-formed ({error})") from error
    broken = dict.fromkeys((one.line for one in parser.error_log), "")
    complaints += [f"line {line}: not well-formed; what can be read was used" for line in broken]
    outlines: list[Outline] = []
    found = list(_walk(root, "", 0)) if root is not None else []
    places = _places(data)
    first, last = next(places, (0, 0))
    for element, folder in found:
        # The parser only knows where a tag ends, and leaves out tags that it cannot read.
        while last < element.sourceline and (place := next(places, None)):
            first, last = place
        line = first
        first, last = next(places, (first, last))
        given = {name.rpartition("}")[2].lower(): value.strip() for name, value in element.attrib.items()}
        title, site = given.get("title") or given.get("text") or None, given.get("htmlurl", "")
        url = _web(given.get("xmlurl", ""))
        if url.lower().startswith(("http://", "https://")) and len(url) > 10 and not re.search(r"\s", url):
            outlines.append(Outline(url, title, folder or None, site if site.startswith("http") else None))
        elif url or given.get("type", "").lower() in ("rss", "atom", "feed"):
            complaints.append(f"line {line}: {title or 'an outline'} has no usable address ({url or 'none'})")
    if root is None or (not found and broken):
        raise InvalidInput("the OPML is not well-formed, and names no feed")
    return outlines, sorted(complaints, key=_line)


def write(feeds: Iterable["Feed"], *, now: datetime | None = None) -> str:
    """An OPML 2.0 document of the feeds, in folders as they came."""
    from xml.etree import ElementTree as Tree

    root = Tree.Element("opml", version="2.0")
    head, body = Tree.SubElement(root, "head"), Tree.SubElement(root, "body")
    Tree.SubElement(head, "title").text = "Feeds of dealwire"
    Tree.SubElement(head, "dateCreated").text = (now or datetime.now(UTC)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    folders = {"": body}
    for feed in feeds:
        place = body
        path = ""
        for name in (feed.folder or "").split("/"):
            if not name:
                continue
            path = f"{path}/{name}"
            if path not in folders:
                folders[path] = Tree.SubElement(place, "outline", text=_clean(name), title=_clean(name))
            place = folders[path]
        title = _clean(feed.title or feed.url)
        told = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url}
        Tree.SubElement(place, "outline", told | ({"htmlUrl": feed.site_url} if feed.site_url else {}))
    Tree.indent(root)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + Tree.tostring(root, encoding="unicode") + "\n"


def _walk(element: Any, folder: str, depth: int) -> Iterator[tuple[Any, str]]:
    for child in element:
        if not isinstance(child.tag, str) or depth > _DEEPEST:
            continue
        inner = folder
        if child.tag.rpartition("}")[2].lower() == "outline":
            yield child, folder
            names = {name.lower(): value for name, value in child.attrib.items()}
            if not names.get("xmlurl"):
                own = " ".join((names.get("title") or names.get("text") or "").replace("/", "-").split())
                inner = "/".join(part for part in (folder, own) if part)
        yield from _walk(child, inner, depth + 1)


def _undeclared(text: str) -> bytes:
    """As UTF-8, without a declaration that says otherwise, and on the same lines."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text).encode("utf-8", "replace")


def _mended(data: bytes) -> tuple[bytes, list[str]]:
    """Without comments and with every `&` written as XML wants it; a complaint for each line that was mended."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data, []
    data = re.sub(rb"<!--.*?-->", lambda found: b"\n" * found[0].count(b"\n"), data.lstrip(), flags=re.DOTALL)
    lines: dict[int, None] = {}

    def mend(found: re.Match[bytes]) -> bytes:
        name = (found[1] or b"").decode("ascii", "replace")
        if name in html5 and name.rstrip(";") not in ("amp", "lt", "gt", "quot", "apos"):
            return "".join(f"&#{ord(char)};" for char in html5[name]).encode()
        if name.startswith("#") or name in html5:
            return found[0]
        lines.setdefault(data.count(b"\n", 0, found.start()) + 1)
        return b"&amp;" + (found[1] or b"")

    mended = re.sub(rb"&(#?\w{1,40};)?", mend, data)
    return mended, [f"line {line}: a bare & was read as &amp;" for line in lines]


def _places(data: bytes) -> Iterator[tuple[int, int]]:
    """First and last line of each outline's tag."""
    at, line = 0, 1
    for tag in _OUTLINE.finditer(data):
        line += data.count(b"\n", at, tag.start())
        at = tag.start()
        yield line, line + tag[0].count(b"\n")


def _web(url: str) -> str:
    """`feed:https://a` and `feed://a` as web addresses."""
    if url.lower().startswith("feed:"):
        rest = url[5:]
        return rest if rest.lower().startswith("http") else f"http:{rest}"
    return url


def _line(complaint: str) -> int:
    found = re.match(r"line (\d+)", complaint)
    return int(found[1]) if found else 0


def _clean(text: str) -> str:
    """Without characters that XML has no form for."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
