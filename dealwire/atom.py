"""Alliances as an Atom feed (RFC 4287), so that others can subscribe to what was found."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from html import escape
from typing import Any
from xml.etree import ElementTree as Tree

from schemas.ids import content_id

Row = Mapping[str, Any]
_ATOM = "http://www.w3.org/2005/Atom"
_INVALID = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\U00010000-\U0010ffff]")


def feed(alliances: Sequence[Row], told: Mapping[str, Sequence[Row]], *, asked: Mapping[str, Any]) -> str:
    """Rows of `alliance_overview` as a feed; `told`: by alliance the rows of `deal_overview`.

    `asked` holds the filters, which tell feeds with different ones apart. The same rows give the same text.
    """
    Tree.register_namespace("", _ATOM)
    wanted = {name: str(value) for name, value in asked.items() if value is not None}
    root = Tree.Element(f"{{{_ATOM}}}feed")
    _add(root, "title", ", ".join(["Alliances in tech", *(f"{name} {value}" for name, value in wanted.items())]))
    _add(root, "id", f"urn:dealwire:alliances:{content_id('feed', *sorted(wanted.items()))}")
    _add(root, "updated", _stamp(max((_updated(one) for one in alliances), default=datetime(1970, 1, 1, tzinfo=UTC))))
    _add(_add(root, "author"), "name", "dealwire")
    _add(root, "generator", "dealwire", uri="https://pypi.org/project/dealwire/")
    for one in alliances:
        _entry(root, one, told.get(one["alliance_id"], ()))
    Tree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Tree.tostring(root, encoding="unicode")


def _entry(root: Tree.Element, one: Row, deals: Sequence[Row]) -> None:
    entry = _add(root, "entry")
    _add(entry, "title", one["title"])
    _add(entry, "id", f"urn:dealwire:alliance:{one['alliance_id']}")
    _add(entry, "updated", _stamp(_updated(one)))
    _add(entry, "published", _stamp(datetime.combine(one["announced_on"], time(), UTC)))
    for deal in deals:
        if deal["best_url"]:
            _add(entry, "link", rel="alternate", type="text/html", href=deal["best_url"])
            break
    for party in one["parties"]:
        _add(entry, "category", term=party)
    _add(entry, "content", content(one, deals), type="html")


def content(one: Row, deals: Sequence[Row]) -> str:
    """What an entry tells, as HTML: the legs, then each sentence with its source."""
    lines = [f"<li>{escape(leg)}</li>" for leg in one["legs"]]
    quotes = dict.fromkeys(
        f"<blockquote>{escape(' '.join(deal['evidence'].split()))} "
        f'(<a href="{escape(deal["best_url"] or "")}">{escape(deal["best_source"] or "")}</a>)</blockquote>'
        for deal in deals
        if deal["evidence"]
    )
    return f"<ul>{''.join(lines)}</ul>{''.join(quotes)}"


def _add(parent: Tree.Element, name: str, text: str | None = None, **attributes: str) -> Tree.Element:
    child = Tree.SubElement(parent, f"{{{_ATOM}}}{name}", {key: _valid(value) for key, value in attributes.items()})
    child.text = _valid(text) if text is not None else None
    return child


def _valid(text: str) -> str:
    """Without what XML cannot hold."""
    return _INVALID.sub(" ", text)


def _updated(one: Row) -> datetime:
    seen: datetime | None = one["first_seen_at"]
    return seen or datetime.combine(one["announced_on"], time(), UTC)


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
