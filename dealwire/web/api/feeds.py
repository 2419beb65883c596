"""Alliances as feeds that others subscribe to: Atom and JSON Feed, by any filter of the list."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

import duckdb

from dealwire import atom, wording
from dealwire.warehouse import listing
from dealwire.warehouse.queries import Row
from dealwire.web.api.filters import Deals
from schemas.ids import content_id


def newest(con: duckdb.DuckDBPyConnection, asked: Deals) -> tuple[list[Row], dict[str, list[Row]]]:
    """The newest alliances that fit, with legs as lines, and for each of them its deals with their sentences."""
    rows = listing.alliances(con, asked.wanted(con), limit=asked.limit).rows
    deals = listing.deals_of(con, [deal["deal_id"] for row in rows for deal in row["deals"]])
    told: dict[str, list[Row]] = {row["alliance_id"]: [] for row in rows}
    for deal in deals:
        told[deal["alliance_id"]].append(deal)
    return [{**row, "legs": [wording.deal(deal) for deal in row["deals"]]} for row in rows], told


def json_feed(
    alliances: Sequence[Row], told: Mapping[str, Sequence[Row]], *, asked: Mapping[str, Any], url: str
) -> dict[str, Any]:
    """Rows of alliances as a JSON Feed 1.1; the same rows give the same feed. `url` is its own address."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": ", ".join(["Alliances in tech", *(f"{name} {value}" for name, value in asked.items())]),
        "feed_url": url,
        "description": f"urn:dealwire:alliances:{content_id('feed', *sorted(asked.items()))}",
        "authors": [{"name": "dealwire"}],
        "items": [_item(one, told.get(one["alliance_id"], ())) for one in alliances],
    }


def _item(one: Row, deals: Sequence[Row]) -> dict[str, Any]:
    day = datetime.combine(one["announced_on"], time(), UTC)
    item = {
        "id": f"urn:dealwire:alliance:{one['alliance_id']}",
        "title": one["title"],
        "content_html": atom.content(one, deals),
        "date_published": day.isoformat(),
        "date_modified": (one["first_seen_at"] or day).astimezone(UTC).isoformat(),
        "tags": list(one["parties"]),
    }
    url = next((deal["best_url"] for deal in deals if deal["best_url"]), None)
    return item | ({"url": url} if url else {})
