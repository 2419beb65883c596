"""The start page: alliances as cards, newest first, with filters that stand in the address; and the search."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
from markupsafe import Markup
from starlette.requests import Request

from dealwire import wording
from dealwire.warehouse import browse, pending
from dealwire.warehouse.listing import Wanted
from dealwire.web import asked as asking
from dealwire.web import markup
from dealwire.web.frame import empty_state, frame, page, show
from dealwire.web.site import Site
from schemas import DealKind, DealStatus

Row = dict[str, Any]
_FILTERS = ("company", "kind", "status", "period", "since", "until", "min_usd", "confidence", "confirmed")


def pages(site: Site) -> None:
    """Register `/` and `/search`."""

    @page("/", active="/")
    async def alliances(request: Request) -> None:
        given = dict(request.query_params)
        number = asking.part(given)
        found = await site.read(start_data, asking.asked(given, datetime.now(UTC).date()), number)
        with frame("Alliances", active="/"):
            show(strip(found))
            show(filters(given, found["companies"]))
            if found["rows"]:
                show(cards(found["rows"][: asking.PART]))
                show(turning("/", chosen(given), number, more=len(found["rows"]) > asking.PART))
            elif chosen(given) or number > 1:
                empty_state("No alliance fits.", Markup('Leave out a filter, or <a href="/">see them all</a>.'))
            else:
                empty_state(
                    "No alliance was found yet.",
                    Markup(
                        'Add feeds on the page <a href="/feeds">Feeds</a>; <code>dealwire up</code> polls them and '
                        "reads their articles. <code>dealwire demo</code> reads a sample site."
                    ),
                )

    @page("/search")
    async def search(request: Request) -> None:
        words = asking.words(dict(request.query_params))
        rows, told = await site.read(_searched, words)
        with frame(f"Search: {words}" if words else "Search"):
            if not words:
                empty_state(
                    "Nothing is searched for.", "Type a company, a chip or words of an article into the field above."
                )
                return
            if not rows and not told:
                empty_state(f"Nothing has all of “{words}”.", "Try fewer or shorter words; beginnings of words do.")
                return
            show(_results(rows, told, words))


def strip(found: Row) -> Markup:
    """The numbers above the list."""
    figures, lag = found["figures"], found["lag"]
    told = (
        ("Deals", f"{figures['deals']:,}"),
        ("Announced", wording.usd(figures["usd_announced"])),
        ("Planned", wording.usd(figures["usd_planned"])),
        ("Sources", f"{figures['sites']:,}"),
        ("From published to here", wording.lasting(lag) if lag is not None else "–"),
    )
    return markup.strip(told)


def filters(given: Mapping[str, str], companies: list[str], *, path: str = "/") -> Markup:
    """The form of the filters of the page at `path`; what is chosen takes effect at once and stands in the address."""
    fields = (
        _field(
            "company",
            "Company",
            Markup(
                '<input id="company" name="company" list="companies" value="{}" maxlength="200" autocomplete="off">'
            ).format(given.get("company", "")),
        ),
        _choice("kind", "Kind", [(one.value, wording.kind(one.value)) for one in DealKind], given, "any"),
        _choice("status", "Status", [(one.value, one.value) for one in DealStatus], given, "any"),
        _choice("period", "Period", asking.PERIODS, given, "all time"),
        _choice("min_usd", "Amount from", asking.AMOUNTS, given, "any"),
        _choice("confidence", "Confidence from", asking.CONFIDENCES, given, "any"),
    )
    tick = Markup(
        '<label class="tick" title="two sites or more tell of it"><input type="checkbox" name="confirmed" value="1"{}> '
        "Confirmed only</label>"
    ).format(Markup(" checked") if given.get("confirmed") else "")
    kept = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, given[name])
        for name in ("since", "until")
        if given.get(name)
    )
    clear = Markup('<a class="button quiet-button" href="{}">Clear</a>').format(path) if chosen(given) else Markup("")
    names = Markup("").join(Markup('<option value="{}"></option>').format(name) for name in companies)
    return Markup(
        '<form class="filters" action="{}" data-at-once aria-label="Filters">{}{}{}<datalist id="companies">{}'
        '</datalist><button class="button">Filter</button>{}</form>'
    ).format(path, Markup("").join(fields), tick, kept, names, clear)


def cards(rows: list[Row]) -> Markup:
    """Alliances as cards."""
    return Markup('<ul class="cards">{}</ul>').format(Markup("").join(_card(row) for row in rows))


def turning(path: str, given: Mapping[str, str], number: int, *, more: bool) -> Markup:
    """Links to the parts of the list before and after this one."""
    newer = markup.address(path, given, page=number - 1 if number > 2 else None)
    older = markup.address(path, given, page=number + 1)
    links = [
        Markup('<a class="button quiet-button" rel="prev" href="{}">← Newer</a>').format(newer) if number > 1 else "",
        Markup('<a class="button quiet-button" rel="next" href="{}">Older →</a>').format(older) if more else "",
    ]
    told = Markup("").join(link for link in links if link)
    return Markup('<nav class="turning" aria-label="Parts of the list">{}</nav>').format(told) if told else Markup("")


def leg(row: Row) -> Markup:
    """One deal as a line: kind, sides, amount, capacity, status; it leads to the deal."""
    power = wording.power(row["capacity_mw_min"], row["capacity_mw_max"])
    parts = [
        markup.kind_chip(row["kind"]),
        Markup('<span class="sides">{}</span>').format(markup.sides(row)),
        markup.amount(row),
        Markup('<span class="amount">{}</span>').format(power) if power else Markup(""),
        markup.status_chip(row["status"]) if row["status"] != "announced" else Markup(""),
        Markup('<span class="chip status-planned">sources disagree</span>') if row["amounts_disagree"] else Markup(""),
        Markup('<a class="why" href="/deal/{}">why<span class="unseen"> this deal: {}</span></a>').format(
            row["deal_id"], wording.deal(row)
        ),
    ]
    return Markup('<li class="leg">{}</li>').format(Markup(" ").join(part for part in parts if part))


def _card(row: Row) -> Markup:
    sure = max((leg["confidence"] or 0 for leg in row["legs"]), default=None)
    statuses = sorted({leg["status"] for leg in row["legs"]})
    facts = [
        markup.day(row["announced_on"]),
        *(markup.status_chip(status) for status in statuses),
        Markup("<span>{}</span>").format(wording.count(row["sources"], "source")),
        markup.confidence(sure),
        Markup("<span>{} in all</span>").format(wording.usd(row["usd_max"]))
        if row["usd_max"] and len(row["legs"]) > 1
        else Markup(""),
    ]
    return Markup(
        '<li class="card alliance"><h2><a href="/alliance/{}">{}</a></h2><div class="facts">{}</div>'
        '<ul class="legs">{}</ul></li>'
    ).format(
        row["alliance_id"],
        ", ".join(row["parties"]),
        Markup(" ").join(fact for fact in facts if fact),
        Markup("").join(leg(one) for one in row["legs"]),
    )


def _results(rows: list[Row], told: list[Row], words: str) -> Markup:
    parts = []
    if rows:
        parts += [Markup("<h2>Alliances</h2>"), cards(rows)]
    if told:
        parts.append(Markup("<h2>Articles</h2>"))
        hits = (
            Markup(
                '<li class="card"><h3><a href="/article/{}">{}</a></h3>'
                '<div class="facts"><span>{}</span> {}</div>{}</li>'
            ).format(
                row["article_id"],
                row["title"] or row["url"],
                row["site"],
                markup.day(row["published_at"] or row["first_seen_at"]),
                markup.found_in(row["passage"] or "", words.split(), cut=row["place"] > 0),
            )
            for row in told
        )
        parts.append(Markup('<ul class="cards">{}</ul>').format(Markup("").join(hits)))
    return markup.page(*parts)


def _field(name: str, label: str, control: Markup) -> Markup:
    return Markup('<div class="field"><label for="{}">{}</label>{}</div>').format(name, label, control)


def _choice(name: str, label: str, choices: Any, given: Mapping[str, str], none: str) -> Markup:
    told = markup.options(choices, given.get(name), all_of=none)
    return _field(name, label, Markup('<select id="{0}" name="{0}">{1}</select>').format(name, told))


def chosen(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that are set, of all that an address names."""
    return {name: given[name] for name in _FILTERS if given.get(name)}


def start_data(con: duckdb.DuckDBPyConnection, wanted: Wanted, number: int) -> Row:
    """What the start page shows: a part of the list, the figures above it, companies to choose from, and the lag."""
    stages = {row["stage"]: row["p50"] for row in pending.lags(con, now=datetime.now(UTC))}
    told = [stages[name] for name in ("published to stored", "stored to queryable") if name in stages]
    return {
        "rows": browse.alliances(con, wanted, limit=asking.PART + 1, offset=(number - 1) * asking.PART),
        "figures": browse.figures(con, wanted),
        "companies": browse.company_choices(con),
        "lag": sum(told) if told else None,
    }


def _searched(con: duckdb.DuckDBPyConnection, words: str) -> tuple[list[Row], list[Row]]:
    return browse.search_alliances(con, words, limit=10), browse.search_articles(con, words, limit=asking.PART)
