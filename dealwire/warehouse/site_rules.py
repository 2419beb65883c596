"""What sites' robots.txt said, kept from one run to the next."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb

from dealwire.warehouse import load
from schemas import SiteRules

# A site whose robots.txt has not been there for so long has none (RFC 9309, 2.3.1.4).
_FORGOTTEN_AFTER = timedelta(days=30)


def known(con: duckdb.DuckDBPyConnection, sites: Iterable[str]) -> list[SiteRules]:
    """The stored rules of these sites, also those that no longer hold."""
    rows = [{"site": site} for site in dict.fromkeys(sites)]
    if not rows:
        return []
    with load.incoming(con, "site_rules", rows):
        found = con.execute(
            "SELECT site, rules, fetched_at, fresh_until FROM site_rules SEMI JOIN dealwire_incoming USING (site)"
        ).fetchall()
    return [SiteRules(**dict(zip(SiteRules.model_fields, row, strict=True))) for row in found]


def store(con: duckdb.DuckDBPyConnection, rules: Iterable[SiteRules]) -> None:
    """Store rules, replacing those of the same sites."""
    load.put(con, "site_rules", (dict(one.__dict__) for one in rules), key=["site"])


def drop_old(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Forget rules that could not be renewed for a month."""
    con.execute("DELETE FROM site_rules WHERE fetched_at < ?", [now - _FORGOTTEN_AFTER])
