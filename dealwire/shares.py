"""Cutting what is pending into shares, for several machines to work on; and what is done once for all of them."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from dealwire import catalogue, extraction
from dealwire.feeds import archives
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import ledger
from schemas.ids import content_id


class Share(NamedTuple):
    """Articles for one run. `key` is the same for the same articles after the same runs."""

    articles: list[str]
    key: str


def cut(
    settings: Settings, *, taken: Collection[str], ended: Mapping[str, Iterable[str]], most: int
) -> tuple[list[Share], tuple[str, ...]]:
    """The articles that wait for an extractor and are not `taken`, in shares of `batch`; and what to warn of.

    `ended`: by article the runs that have had it and are over. Their share is another one now, or nobody would take it
    again. `most`: articles in all.
    """
    chosen = extraction.plan(settings)
    store = warehouse(settings)
    with store.write() as con:
        if not taken:
            ledger.reopen(con, chosen.versions)
        if catalogue.left(con):
            catalogue.refresh(con)
        waiting = ledger.stale_ids(con, chosen.versions, most + len(taken))
    left = [one for one in waiting if one not in taken][:most]
    shares = []
    for at in range(0, len(left), settings.batch):
        articles = left[at : at + settings.batch]
        over = sorted({run for one in articles for run in ended.get(one, ())})
        shares.append(Share(articles, content_id("share", settings.place, chosen.versions, articles, over)))
    return shares, chosen.warnings


def sources(source: str) -> list[str]:
    """The files of an archive, each a source for `backfill`; a site, a file or a folder with pages is one itself."""
    return [source] if "://" in source else [str(one) for one in archives.apart(Path(source))]
