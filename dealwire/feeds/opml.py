"""OPML: the lists of feeds that readers exchange."""

from typing import Any, NamedTuple
from xml.etree import ElementTree

from schemas.errors import InvalidInput


class Outline(NamedTuple):
    """One feed of a list."""

    url: str
    title: str | None


def read(text: str) -> tuple[list[Outline], list[str]]:
    """The feeds of an OPML document, nested ones included, and a complaint for each outline that cannot be used.

    Raises `InvalidInput` if the document cannot be read at all.
    """
    if "<!ENTITY" in text:
        raise InvalidInput("the OPML defines entities, which is not accepted")
    parser: Any = ElementTree.XMLPullParser(["start"])
    outlines: list[Outline] = []
    complaints: list[str] = []
    try:
        for number, line in enumerate(text.splitlines(keepends=True), 1):
            parser.feed(line)
            for _, element in parser.read_events():
                if element.tag.rpartition("}")[2].lower() != "outline":
                    continue
                given = {name.lower(): value.strip() for name, value in element.attrib.items()}
                url, title = given.get("xmlurl"), given.get("title") or given.get("text") or None
                if url and url.lower().startswith(("http://", "https://")) and " " not in url:
                    outlines.append(Outline(url, title))
                elif url or given.get("type", "").lower() in ("rss", "atom"):
                    complaints.append(f"line {number}: {title or 'an outline'} has no usable address ({url or 'none'})")
        parser.close()
    except ElementTree.ParseError as error:
        if not outlines:
            raise InvalidInput(f"the OPML is not well-formed ({error})") from error
        complaints.append(f"not well-formed from line {error.position[0]} on; what stands before it was used")
    return outlines, complaints
