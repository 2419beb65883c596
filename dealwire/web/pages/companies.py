"""Companies: the list of those that are named, and the profile of each."""

from collections.abc import Mapping
from typing import Any

import duckdb
from markupsafe import Markup
from nicegui import app
from starlette.requests import Request
from starlette.responses import Response

from dealwire import wording
from dealwire.warehouse import charts, queries
from dealwire.web import markup
from dealwire.web.drawing import options, series
from dealwire.web.drawing.partners import Partner, partners
from dealwire.web.frame import NotFound, empty_state, frame, page, show
from dealwire.web.pages import figure
from dealwire.web.site import Site

Row = dict[str, Any]
_PART = 50
_DEALS = 100
_ORDERS = (("money", "most money"), ("deals", "most deals"), ("mentions", "most mentions"), ("name", "name"))
_UNKNOWN = "not in the catalogue"


def pages(site: Site) -> None:
    """Register `/companies`, `/company/NAME` (a name, an alias or an id) and its data."""

    @page("/companies", active="/companies")
    async def listed(request: Request) -> None:
        given = dict(request.query_params)
        search = (given.get("q") or "").strip()[:200]
        by = given["by"] if given.get("by") in dict(_ORDERS) else "money"
        at = max(1, int(given["page"])) if given.get("page", "").isdecimal() and len(given["page"]) < 6 else 1
        kinds, kind, rows = await site.read(_listed, search, given.get("kind"), by, at)
        with frame("Companies", active="/companies"):
            figure.head()
            show(_filters(search, kind, by, kinds))
            if rows:
                found = rows[0]["found"]
                show(_list(rows))
                show(_turning({"q": search, "kind": kind, "by": by}, at, found))
            elif search or kind or at > 1:
                empty_state("No company fits.", markup.link("/companies", "Show all companies"))
            else:
                empty_state("No company was named yet.", "Add feeds on the page Feeds, and start `dealwire up`.")

    @page("/company/{name}", active="/companies")
    async def profile(name: str) -> None:
        found = await site.read(_profile, name)
        if found is None:
            raise NotFound(f"no company named {name!r} is known here; look for it among the companies")
        with frame(found["company"]["name"], active="/companies"):
            figure.head()
            _Profile(found).show()

    @app.get("/company/{name}/money.{form}", include_in_schema=False)
    def money(name: str, form: str) -> Response:
        found = site.read_now(_dealing, name)
        if found is None or form not in ("csv", "json"):
            return Response("There is no such data.\n", 404, media_type="text/plain")
        told = found["money"]
        rows = [
            {"period": one.name, "first_day": one.first, "last_day": one.last, "usd_in": into, "usd_out": out}
            for one, into, out in zip(told.periods, told.usd_in, told.usd_out, strict=True)
        ]
        return figure.file(rows, form, f"dealwire-{found['company']['company_id']}-money")


def _listed(
    con: duckdb.DuckDBPyConnection, search: str, kind: str | None, by: str, at: int
) -> tuple[list[str], str | None, list[Row]]:
    """The kinds to choose from, the one that is chosen, and the companies of that part of the list."""
    kinds = charts.kinds_named(con)
    chosen = kind if kind in kinds else None
    offset = (at - 1) * _PART
    return kinds, chosen, charts.companies(con, search=search or None, kind=chosen, by=by, limit=_PART, offset=offset)


def _dealing(con: duckdb.DuckDBPyConnection, name: str) -> Row | None:
    """A company with its deals, those of them that have not ended, and their money over time."""
    company = charts.company(con, name)
    if company is None:
        return None
    deals = charts.deals_of(con, company["name"])
    counted = [row for row in deals if row["status"] != "ended"]
    return {"company": company, "deals": deals, "counted": counted, "money": series.money(counted, company["name"])}


def _profile(con: duckdb.DuckDBPyConnection, name: str) -> Row | None:
    found = _dealing(con, name)
    if found is None:
        return None
    company = found["company"]
    return found | {
        "products": charts.products_of(con, company["name"]),
        "articles": charts.articles_naming(con, company["company_id"]),
        "history": queries.timeline(con, company["name"]),
    }


class _Profile:
    def __init__(self, found: Row) -> None:
        self._found, self._company, self._deals = found, found["company"], found["deals"]
        self._name = self._company["name"]

    def show(self) -> None:
        show(self._facts())
        show(self._strip())
        if self._deals:
            self._money()
            show(self._partners())
        show(self._products())
        show(self._timeline())
        show(self._articles())

    def _facts(self) -> Markup:
        one = self._company
        parent = one["parent"] and (markup.company_link(one["parent"]) if one["parent_known"] else one["parent"])
        facts = [
            ("Also known as", ", ".join(one["aliases"] or [])),
            ("Does", one["kind"]),
            ("Country", one["country"]),
            ("Ticker", one["ticker"]),
            ("Belongs to", parent),
            ("Has", markup.companies(one["daughters"][:12]) if one["daughters"] else ""),
            (
                "Wikidata",
                markup.outside(f"https://www.wikidata.org/wiki/{one['wikidata']}", one["wikidata"])
                if one["wikidata"]
                else "",
            ),
            ("First named", markup.day(one["first_seen"]) if one["first_seen"] else ""),
            ("Catalogue", "" if one["known"] else "it is not in the catalogue; its name was found in articles"),
        ]
        return Markup('<dl class="facts-list card">{}</dl>').format(
            Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*fact) for fact in facts if fact[1])
        )

    def _strip(self) -> Markup:
        told = self._found["money"]
        facts = (
            ("Deals", f"{len(self._found['counted']):,}"),
            ("Gets", wording.usd(sum(told.usd_in))),
            ("Pays", wording.usd(sum(told.usd_out))),
            ("Without a sum of its own", f"{told.unknown:,}"),
            ("Articles", f"{self._company['articles']:,}"),
        )
        return markup.strip(facts) + Markup('<p class="small">{}</p>').format(
            markup.link(markup.address("/map", {"company": self._name}), f"{self._name} on the map"),
        )

    def _money(self) -> None:
        told = self._found["money"]
        show(Markup("<h2>Money in and out</h2>"))
        if not any((*told.usd_in, *told.usd_out)):
            show(markup.note("None of its deals states a sum that is its own."))
            return
        show(
            Markup("<p>{}</p>").format(
                "By the day on which a deal was first told of, planned ones too, ended ones not. Of a sum that several "
                "share nobody says how much is whose, so it counts for the one that stands alone on its side."
            )
        )
        rows = [
            (one.name, wording.usd(into) if into else "", wording.usd(out) if out else "")
            for one, into, out in zip(told.periods, told.usd_in, told.usd_out, strict=True)
        ]
        figure.figure(
            options.money_options(told),
            title=f"Money that {self._name} gets and pays over time",
            name=f"dealwire-{self._company['company_id']}-money",
            table=markup.table(("period", "gets", "pays"), rows, caption="Money in and out"),
            data=lambda form: f"/company/{self._company['company_id']}/money.{form}",
            legend=[(name, colour, "solid") for name, colour in options.MONEY],
        )

    def _partners(self) -> Markup:
        found = partners(self._deals, self._name)
        if not found:
            return Markup("")
        return markup.page(
            Markup("<h2>Partners</h2>"),
            markup.table(
                ("company", "pays it", "gets from it", "deals", "kinds", "last deal"),
                [_partner(one) for one in found[:50]],
                caption="Partners",
            ),
        )

    def _products(self) -> Markup:
        parts = [
            _named([row for row in self._found["products"] if row["what"] == what], title, self._name)
            for what, title in (("chip", "Chips"), ("model", "AI models"))
        ]
        told = [part for part in parts if part]
        return Markup('<div class="two">{}</div>').format(Markup("").join(told)) if told else Markup("")

    def _timeline(self) -> Markup:
        if not self._deals:
            return markup.empty_state(
                "No deal of it was found yet.", "It is named in articles, but none was read to tell of a deal."
            )
        rows = sorted(self._found["history"], key=lambda row: row["since"], reverse=True)
        told = Markup("").join(
            Markup("<li>{} {} {} {} {} {}</li>").format(
                markup.day(row["since"]),
                markup.status_chip(row["status"]),
                markup.kind_chip(row["kind"]),
                markup.sides(row),
                markup.amount(row),
                markup.link(f"/deal/{row['deal_id']}", "deal"),
            )
            for row in rows[:_DEALS]
        )
        more = f"The newest {_DEALS} of {len(rows):,}." if len(rows) > _DEALS else ""
        return Markup('<h2>Timeline</h2><ol class="timeline">{}</ol><p class="small quiet">{}</p>').format(told, more)

    def _articles(self) -> Markup:
        rows = self._found["articles"]
        if not rows:
            return Markup("")
        more = f"The newest {len(rows)} of {rows[0]['found']:,}." if rows[0]["found"] > len(rows) else ""
        return markup.page(
            Markup("<h2>Articles</h2>"),
            markup.table(
                ("date", "article", "site", "times named"),
                [
                    (
                        markup.day(row["told_at"]),
                        markup.link(f"/article/{row['article_id']}", row["title"] or row["url"]),
                        row["site"],
                        row["mentions"],
                    )
                    for row in rows
                ],
                caption="Articles that name it",
            ),
            Markup('<p class="small quiet">{}</p>').format(more),
        )


def _partner(one: Partner) -> tuple[Any, ...]:
    return (
        markup.company_link(one.name),
        wording.usd(one.usd_to) if one.usd_to else "",
        wording.usd(one.usd_from) if one.usd_from else "",
        one.deals,
        Markup(" ").join(markup.kind_chip(kind) for kind in one.kinds),
        markup.day(one.last_on),
    )


def _named(rows: list[Row], title: str, company: str) -> Markup:
    if not rows:
        return Markup("")
    told = [
        (
            row["name"],
            "itself" if row["own"] else markup.company_link(row["maker"]) if row["maker"] else "",
            row["deals"],
            row["articles"],
        )
        for row in rows[:20]
    ]
    return Markup("<section><h2>{}</h2>{}</section>").format(
        title,
        markup.table(
            ("name", "made by", "in its deals", "articles"), told, caption=f"{title} that {company} is named with"
        ),
    )


def _filters(search: str, kind: str | None, by: str, kinds: list[str]) -> Markup:
    return Markup(
        '<form class="filters" action="/companies" data-at-once aria-label="Filters">'
        '<div class="field"><label for="q">Name</label>'
        '<input id="q" name="q" type="search" value="{}" maxlength="200" autocomplete="off"></div>'
        '<div class="field"><label for="kind">Does</label><select id="kind" name="kind">{}</select></div>'
        '<div class="field"><label for="by">First those with</label><select id="by" name="by">{}</select></div>'
        '<button class="button">Show</button></form>'
    ).format(
        search,
        markup.options([(one, one) for one in kinds], kind, all_of="anything"),
        markup.options(_ORDERS, by),
    )


def _list(rows: list[Row]) -> Markup:
    return markup.table(
        ("company", "does", "country", "gets", "pays", "deals", "articles", "last deal"),
        [
            (
                markup.company_link(row["name"]),
                row["kind"] or ("" if row["known"] else Markup('<span class="quiet">{}</span>').format(_UNKNOWN)),
                row["country"],
                wording.usd(row["usd_in"]) if row["usd_in"] else "",
                wording.usd(row["usd_out"]) if row["usd_out"] else "",
                row["deals"],
                row["articles"],
                markup.day(row["last_deal_on"]),
            )
            for row in rows
        ],
        caption="Companies",
    )


def _turning(given: Mapping[str, Any], at: int, found: int) -> Markup:
    last = -(-found // _PART)
    links = [Markup("{}").format(f"{wording.count(found, 'company')}, part {at} of {last}")]
    if at > 1:
        links.append(markup.link(markup.address("/companies", given, page=at - 1 if at > 2 else None), "← Before"))
    if at < last:
        links.append(markup.link(markup.address("/companies", given, page=at + 1), "Further →"))
    return Markup('<nav aria-label="Parts of the list"><p>{}</p></nav>').format(Markup(" · ").join(links))
