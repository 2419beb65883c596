"""The articles: their list, and one with everything marked that was found in it, its claims beside the text."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import duckdb
from markupsafe import Markup, escape
from starlette.requests import Request

from dealwire import wording
from dealwire.warehouse import browse, queries
from dealwire.web import asked, markup
from dealwire.web.frame import NotFound, asking, empty_state, frame, page, show
from dealwire.web.pages.alliances import turning
from dealwire.web.site import Site
from dealwire.web.visitors import Visitor

Row = dict[str, Any]
_LABELS = {
    "COMPANY": "company",
    "MONEY": "money",
    "CHIP": "chip",
    "MODEL": "model",
    "CAPACITY": "capacity",
}
_READ = {
    "pending": "not read yet",
    "page": "",
    "feed": "as its feed tells it",
}


def pages(site: Site) -> None:
    """Register `/articles` and `/article/…`."""

    @page("/articles", active="/articles")
    async def articles(request: Request) -> None:
        given = dict(request.query_params)
        number, host = asked.part(given), given.get("site") or None
        rows, hosts = await site.read(_listed, host, number)
        with frame("Articles", active="/articles"):
            if hosts:
                show(_sites(hosts, host))
            if not rows:
                what = "No article was stored yet." if not hosts else "No article is here."
                empty_state(
                    what,
                    Markup('Add feeds on the page <a href="/feeds">Feeds</a>, and start <code>dealwire up</code>.'),
                )
                return
            show(
                markup.table(
                    ("Published", "Title", "Site", "Deals"),
                    [
                        (
                            markup.day(row["published_at"] or row["first_seen_at"]),
                            markup.link(f"/article/{row['article_id']}", row["title"] or row["url"]),
                            row["site"],
                            row["deals"],
                        )
                        for row in rows[: asked.PART]
                    ],
                    caption="Articles, newest first",
                )
            )
            kept = {"site": host} if host else {}
            show(turning("/articles", kept, number, more=len(rows) > asked.PART))

    @page("/article/{article_id}", active="/articles")
    async def article(article_id: str) -> None:
        found, claims, spans = await site.read(_article, article_id)
        title = found["title"] or found["url"]
        text = found["text"] or ""
        begin = without_title(text, found["title"])
        heading = marked(text, 0, begin, spans, claims) if begin else None
        with frame(title, active="/articles", heading=heading):
            show(_about(found))
            if not found["text"]:
                empty_state("This article was not read yet.", "`dealwire up`, or `dealwire run`, reads it.")
                return
            show(_key(spans))
            body = marked(text, begin, len(text), spans, claims)
            show(
                Markup(
                    '<div class="reading"><article class="card text" lang="{}">{}</article>'
                    '<aside aria-label="Claims">{}</aside></div>'
                ).format(found["language"] or "en", body, _claims(claims, found, asking()))
            )


def without_title(text: str, title: str | None) -> int:
    """Where the body begins: the text is the title, a blank line, then the body."""
    head, gap, _ = text.partition("\n\n")
    return len(head) + len(gap) if gap and title and head.strip() == title.strip() else 0


def marked(text: str, begin: int, end: int, spans: Sequence[Row], claims: Sequence[Row]) -> Markup:
    """A part of the text: names marked by label, and the sentences of claims underlined and with anchors.

    Of mentions that overlap the first and longest is marked. A sentence's anchor is `claim-` and the claim's id.
    """
    label_at: dict[int, tuple[int, Row]] = {}
    free = begin
    for one in spans:
        if free <= one["start_char"] < one["end_char"] <= end:
            label_at[one["start_char"]] = free, _ = one["end_char"], one
    anchors: dict[int, list[Row]] = {}
    for claim in claims:
        if begin <= claim["start_char"] < end:
            anchors.setdefault(claim["start_char"], []).append(claim)
    inside = [(claim["start_char"], claim["end_char"]) for claim in claims if not claim["rejected"]]
    cuts = {begin, end, *label_at, *anchors, *(last for last, _ in label_at.values()), *(last for _, last in inside)}
    cuts |= {first for first, _ in inside}
    places = sorted(at for at in cuts if begin <= at <= end)
    out: list[Markup] = []
    open_until = -1
    for start, stop in pairwise(places):
        for claim in anchors.get(start, ()):
            out.append(Markup('<a class="anchor" id="claim-{}"></a>').format(claim["record_id"][:10]))
        if start in label_at:
            open_until, found = label_at[start]
            name = _LABELS.get(found["label"], "custom")
            told = found["label"] if name == "custom" else name
            title = f"{told}: {found['entity']}" if found["entity"] else told
            out.append(Markup('<mark class="of-{}" title="{}">').format(name, title))
        claimed = any(first <= start < last for first, last in inside)
        part = escape(text[start:stop])
        out.append(Markup('<span class="claimed">{}</span>').format(part) if claimed else part)
        if stop == open_until:
            out.append(Markup("</mark>"))
    return Markup("").join(out)


def _about(found: Row) -> Markup:
    how = _READ.get(found["read_status"], found["read_status"])
    facts = [
        Markup("<span>{}</span>").format(found["site"]),
        markup.day(found["published_at"] or found["first_seen_at"]),
        Markup("<span>by {}</span>").format(found["author"]) if found["author"] else "",
        Markup("<span>{}</span>").format(how) if how else "",
        markup.outside(found["url"], "original ↗"),
    ]
    return Markup('<div class="facts">{}</div>').format(
        Markup(" ").join(Markup("{}").format(one) for one in facts if one)
    )


def _key(spans: Sequence[Row]) -> Markup:
    counts: dict[str, int] = {}
    for one in spans:
        counts[one["label"]] = counts.get(one["label"], 0) + 1
    if not counts:
        return Markup('<p class="quiet">Nothing was found in it.</p>')
    told = Markup("").join(
        Markup('<li><mark class="of-{}">{}</mark> {}</li>').format(
            _LABELS.get(label, "custom"), _LABELS.get(label, label), count
        )
        for label, count in sorted(counts.items(), key=lambda one: -one[1])
    )
    return Markup('<ul class="key" aria-label="What is marked">{}</ul>').format(told)


def _claims(claims: Sequence[Row], article: Row, who: Visitor) -> Markup:
    if not claims:
        return Markup('<p class="quiet">It tells of no deal.</p>')
    return Markup('<h2>Claims</h2><ul class="cards">{}</ul>').format(
        Markup("").join(_claim(one, article, who) for one in claims)
    )


def _claim(row: Row, article: Row, who: Visitor) -> Markup:
    power = wording.power(row["capacity_mw_min"], row["capacity_mw_max"])
    fields = {"claim": row["record_id"], "article": article["article_id"]}
    links = [
        Markup('<a href="#claim-{}">its sentence</a>').format(row["record_id"][:10]),
        Markup('<a href="/deal/{}">its deal</a>').format(row["deal_id"]) if row["deal_id"] else "",
    ]
    if row["rejected"]:
        links.append(Markup('<span class="chip status-ended">reported as wrong</span>'))
    if who.role == "admin":
        action, text = ("restore", "It is right") if row["rejected"] else ("reject", "Report as wrong")
        links.append(markup.form_button(f"/change/claim/{action}", text, who.csrf, fields))
    return Markup('<li class="card claim{}"><p>{} {} {} {} {}</p><div class="facts">{} {}</div></li>').format(
        " rejected" if row["rejected"] else "",
        markup.kind_chip(row["kind"]),
        markup.sides(row),
        markup.amount(row),
        power,
        markup.status_chip(row["status"]) if row["status"] != "announced" else "",
        markup.confidence(row["confidence"]),
        Markup(" ").join(Markup("{}").format(one) for one in links if one),
    )


def _sites(hosts: list[Row], chosen: str | None) -> Markup:
    choices = [(row["site"], f"{row['site']} ({row['articles']:,})") for row in hosts]
    return Markup(
        '<form class="filters" action="/articles" data-at-once aria-label="Filters"><div class="field">'
        '<label for="site">Site</label><select id="site" name="site">{}</select></div>'
        '<button class="button">Filter</button></form>'
    ).format(markup.options(choices, chosen, all_of="all sites"))


def _listed(con: duckdb.DuckDBPyConnection, host: str | None, number: int) -> tuple[list[Row], list[Row]]:
    rows = browse.articles(con, limit=asked.PART + 1, offset=(number - 1) * asked.PART, site=host)
    return rows, browse.sites(con)


def _article(con: duckdb.DuckDBPyConnection, article_id: str) -> tuple[Row, list[Row], list[Row]]:
    found = queries.article(con, article_id) if article_id else None
    if found is None:
        raise NotFound("There is no article of this id.")
    whole = found["article_id"]
    return found, browse.claims_in(con, whole), browse.spans(con, whole)
