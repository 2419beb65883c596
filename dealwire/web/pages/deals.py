"""An alliance, and a deal: what it is made of, how it came about, and the sentence behind every claim."""

from typing import Any

import duckdb
from markupsafe import Markup

from dealwire import wording
from dealwire.warehouse import browse, listing, queries
from dealwire.web import markup
from dealwire.web.frame import NotFound, asking, frame, page, show
from dealwire.web.pages.alliances import leg
from dealwire.web.site import Site
from dealwire.web.visitors import Visitor

Row = dict[str, Any]
_GONE = "it may have been joined with another, or taken back; look for it in the list of alliances"


def pages(site: Site) -> None:
    """Register `/alliance/…` and `/deal/…`."""

    @page("/alliance/{alliance_id}", active="/")
    async def alliance(alliance_id: str) -> None:
        found = await site.read(_alliance, alliance_id)
        title = ", ".join(found["parties"])
        with frame(title, active="/"):
            show(_summary(found))
            show(Markup("<h2>What each pays or gives</h2>"))
            show(Markup('<ul class="legs card">{}</ul>').format(Markup("").join(leg(one) for one in found["legs"])))
            show(_sentences(found["legs"]))
            show(_history(found["history"], {one["deal_id"]: wording.deal(one) for one in found["legs"]}))
            show(_related(found["related"]))

    @page("/deal/{deal_id}", active="/")
    async def deal(deal_id: str) -> None:
        found = await site.read(_deal, deal_id)
        row, claims = found["deal"], found["claims"]
        with frame(wording.sides(row), active="/", heading=markup.sides(row)):
            show(_terms(row))
            if row["amounts_disagree"]:
                show(_amounts(claims))
            show(Markup("<h2>{}</h2>").format(f"The {wording.count(len(claims), 'claim')} it rests on"))
            who = asking()
            show(Markup('<ul class="cards">{}</ul>').format(Markup("").join(claim(one, who) for one in claims)))
            show(_history(found["history"], {}))
            show(_earlier(found["earlier"]))


def claim(row: Row, who: Visitor) -> Markup:
    """One claim: where it stands, its sentence marked, what was read out of it, and the button to report it."""
    told = (
        markup.kind_chip(row["kind"]),
        markup.status_chip(row["status"]),
        Markup("<span>{}</span>").format(markup.sides(row)),
        markup.amount(row),
        wording.power(row["capacity_mw_min"], row["capacity_mw_max"]),
        markup.confidence(row["confidence"]),
        Markup('<span class="quiet">by {} {}</span>').format(row["extractor"], row["version"]),
    )
    report = Markup("")
    if who.role == "admin":
        report = markup.form_button(
            "/change/claim/reject", "Report as wrong", who.csrf, {"claim": row["claim_id"], "deal": row["deal_id"]}
        )
    return Markup(
        '<li class="card claim"><h3><a href="/article/{article}#claim-{claim}">{title}</a></h3>'
        '<div class="facts"><span>{site}</span> {day} {outside}</div>{quote}<div class="facts">read as {told} {report}'
        "</div></li>"
    ).format(
        article=row["article_id"],
        claim=row["claim_id"][:10],
        title=row["title"] or row["url"],
        site=row["site"],
        day=markup.day(row["published_at"]),
        outside=markup.outside(row["url"], "original ↗"),
        quote=markup.evidence(row),
        told=Markup(" ").join(Markup("<span>{}</span>").format(part) for part in told if part),
        report=report,
    )


def _summary(found: Row) -> Markup:
    facts = [
        markup.day(found["announced_on"]),
        Markup("<span>{}</span>").format(", ".join(found["sites"])),
    ]
    sums = [
        ("invested", found["usd_invested"]),
        ("purchased", found["usd_purchased"]),
        ("acquired", found["usd_acquired"]),
        ("lent", found["usd_lent"]),
    ]
    told = [f"{wording.usd(amount)} {name}" for name, amount in sums if amount]
    if told:
        facts.append(Markup("<span>{}</span>").format(", ".join(told)))
    named = Markup("")
    if found["chips"] or found["models"]:
        named = Markup("<p>Named in it: {}</p>").format(", ".join([*found["chips"], *found["models"]]))
    return Markup('<div class="facts">{}</div>{}').format(Markup(" ").join(facts), named)


def _sentences(legs: list[Row]) -> Markup:
    told = Markup("").join(
        Markup(
            '<li class="card"><h3>{}</h3>{}<div class="facts"><a href="/article/{}">{}</a> <span>{}</span> '
            '<a href="/deal/{}">all claims<span class="unseen"> of {}</span></a></div></li>'
        ).format(
            wording.deal(one),
            markup.quote_of(one["evidence"]),
            one["best_article_id"],
            one["best_title"] or one["best_url"],
            one["best_source"],
            one["deal_id"],
            wording.deal(one),
        )
        for one in legs
        if one["evidence"]
    )
    return Markup('<h2>The sentences behind it</h2><ul class="cards">{}</ul>').format(told) if told else Markup("")


def _terms(row: Row) -> Markup:
    power = wording.power(row["capacity_mw_min"], row["capacity_mw_max"])
    pairs = [
        ("Kind", markup.kind_chip(row["kind"])),
        ("Status", markup.status_chip(row["status"])),
        ("Amount", markup.amount(row) or Markup('<span class="quiet">not stated</span>')),
        ("In US dollars", _in_dollars(row)),
        ("Capacity", power),
        ("Terms", wording.terms(row)),
        ("First told", Markup("{} by {}").format(markup.day(row["announced_on"]), row["first_source"] or "?")),
        ("Told by", ", ".join(row["sites"] or ())),
        ("Confidence", markup.confidence(row["confidence"])),
    ]
    told = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*one) for one in pairs if one[1])
    return Markup(
        '<dl class="terms card">{}</dl><p><a href="/alliance/{}">The alliance that it belongs to</a></p>'
    ).format(told, row["alliance_id"])


def _in_dollars(row: Row) -> str:
    return wording.money("USD", row["usd_min"], row["usd_max"]) if row["currency"] not in (None, "USD") else ""


def _amounts(claims: list[Row]) -> Markup:
    stated: dict[str, list[Row]] = {}
    for one in claims:
        stated.setdefault(wording.money(one["currency"], one["amount_min"], one["amount_max"]), []).append(one)
    columns = Markup("").join(
        Markup('<div class="card"><h3>{}</h3><ul>{}</ul></div>').format(
            amount or "no amount",
            Markup("").join(
                Markup('<li><a href="/article/{}#claim-{}">{}</a>, {}{}</li>').format(
                    one["article_id"],
                    one["claim_id"][:10],
                    one["site"],
                    markup.day(one["published_at"]),
                    Markup(": “{}”").format(one["quoted"]) if one["quoted"] else "",
                )
                for one in ones
            ),
        )
        for amount, ones in stated.items()
    )
    return Markup('<h2>Its sources state different amounts</h2><div class="beside">{}</div>').format(columns)


def _history(steps: list[Row], names: dict[str, str]) -> Markup:
    if not steps:
        return Markup("")
    lines = Markup("").join(
        Markup("<li>{} {} {}{}</li>").format(
            markup.day(step["since"]),
            markup.status_chip(step["status"]),
            names.get(step["deal_id"], ""),
            Markup(' <span class="quiet">told by</span> <a href="/article/{}">{}</a>').format(
                step["article_id"], step["site"]
            )
            if step["site"]
            else "",
        )
        for step in steps
    )
    return Markup('<h2>How it came about</h2><ol class="steps card">{}</ol>').format(lines)


def _related(rows: list[Row]) -> Markup:
    if not rows:
        return Markup("")
    lines = Markup("").join(
        Markup('<li>{} <a href="/alliance/{}">{}</a> <span class="quiet">with {}</span></li>').format(
            markup.day(row["related_on"]), row["related_id"], row["related_title"], ", ".join(row["shared"])
        )
        for row in rows
    )
    return Markup('<h2>Before that</h2><ul class="steps card">{}</ul>').format(lines)


def _earlier(rows: list[Row]) -> Markup:
    if not rows:
        return Markup("")
    lines = Markup("").join(
        Markup('<li>{} <a href="/deal/{}">{}</a> <span class="quiet">{}</span></li>').format(
            markup.day(row["announced_on"]), row["deal_id"], wording.deal(row), row["relation"]
        )
        for row in rows
    )
    return Markup('<h2>Deals of the same companies before</h2><ul class="steps card">{}</ul>').format(lines)


def _alliance(con: duckdb.DuckDBPyConnection, alliance_id: str) -> Row:
    found = browse.alliance(con, alliance_id)
    if found is None:
        raise NotFound(f"There is no alliance of this id: {_GONE}.")
    ids = [one["deal_id"] for one in found["legs"]]
    return found | {"history": browse.history(con, ids), "related": listing.related(con, alliance_id, limit=10)}


def _deal(con: duckdb.DuckDBPyConnection, deal_id: str) -> Row:
    found = queries.deal(con, deal_id)
    if found is None:
        raise NotFound(f"There is no deal of this id: {_GONE}.")
    whole = found["deal_id"]
    return {
        "deal": found,
        "claims": [one | {"deal_id": whole} for one in browse.claims(con, whole)],
        "history": browse.history(con, [whole]),
        "earlier": browse.earlier(con, whole),
    }
