"""Chips and models: who buys which chips, whose models are offered where, and how often both are told of."""

from typing import Any

import duckdb
from markupsafe import Markup
from nicegui import app
from starlette.responses import Response

from dealwire import wording
from dealwire.warehouse import hardware
from dealwire.web import markup
from dealwire.web.drawing import options, series
from dealwire.web.frame import empty_state, frame, page, show, show_later
from dealwire.web.pages import figure
from dealwire.web.site import Site

Row = dict[str, Any]
_BUYERS, _DEVELOPERS = 100, 30
_DATA = {"bought": hardware.chips_bought, "models": hardware.models_named, "offered": hardware.models_offered}


def pages(site: Site) -> None:
    """Register `/hardware` and its data."""

    async def offered() -> Markup:
        return _offered(await site.read(hardware.models_offered))

    @page("/hardware", active="/hardware")
    async def chips_and_models() -> None:
        found = await site.read(_found)
        with frame("Chips and models", active="/hardware"):
            figure.head()
            if not any(found.values()):
                empty_state(
                    "No chip and no model was named yet.", "Add feeds on the page Feeds, and start `dealwire up`."
                )
                return
            show(Markup("<h2>Who buys which chips</h2>"))
            show(_bought(found["bought"]))
            _over_time(found["chips_by_month"], "chip")
            show(Markup("<h2>Models by developer</h2>"))
            show(_developers(found["models"]))
            show(Markup('<h2 id="offered">Where models are offered</h2>'))
            show_later("Reading the sentences that name a model…", offered)
            _over_time(found["models_by_month"], "model")

    @app.get("/hardware/{what}.{form}", include_in_schema=False)
    def taken(what: str, form: str) -> Response:
        if form not in ("csv", "json") or what not in (*_DATA, "chips-by-month", "models-by-month"):
            return Response("There is no such data.\n", 404, media_type="text/plain")
        if what in _DATA:
            rows: list[Row] = site.read_now(_DATA[what])
        else:
            told = site.read_now(hardware.named_by_month, what.split("s-")[0])
            rows = [{"name": name, "month": month, "articles": articles} for name, month, articles in told]
        return figure.file(rows, form, f"dealwire-{what}")


def _found(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return {
        "bought": hardware.chips_bought(con),
        "models": hardware.models_named(con),
        "chips_by_month": hardware.named_by_month(con, "chip"),
        "models_by_month": hardware.named_by_month(con, "model"),
    }


def _bought(rows: list[Row]) -> Markup:
    if not rows:
        return markup.empty_state(
            "No purchase names a chip yet.", "A deal of the kind purchase counts, if its sentence names the chip."
        )
    return markup.page(
        Markup("<p>{}</p>").format(
            "A company buys a chip if it pays in a purchase that has not ended, and a sentence that tells of the "
            "purchase names the chip. If the chip's maker is not paid itself, the chip comes through whom the company "
            "pays, such as a cloud that runs it."
        ),
        markup.table(
            ("buyer", "chip", "maker", "how", "deals", "last", "newest deal"),
            [
                (
                    markup.company_link(row["buyer"]),
                    row["chip"],
                    markup.company_link(row["maker"]) if row["maker"] else "",
                    _how(row),
                    row["deals"],
                    markup.day(row["last_on"]),
                    Markup('<a href="/deal/{}" aria-label="{}">why</a>').format(
                        row["deal_id"], f"Why: {row['buyer']} buys {row['chip']}"
                    ),
                )
                for row in rows[:_BUYERS]
            ],
            caption="Which companies buy which chips",
        ),
        _taken("bought", len(rows), _BUYERS),
    )


def _how(row: Row) -> Markup:
    through = markup.companies(row["through"][:4])
    if row["direct"]:
        return Markup("from its maker{}").format(Markup(", and through {}").format(through) if through else "")
    return Markup("through {}").format(through)


def _developers(rows: list[Row]) -> Markup:
    if not rows:
        return markup.empty_state("No AI model was named yet.", "Models are found in articles by their names.")
    by: dict[str, list[Row]] = {}
    for row in rows:
        by.setdefault(row["developer"] or "", []).append(row)
    ranked = sorted(by.items(), key=lambda item: (-sum(row["articles"] for row in item[1]), item[0]))
    return markup.page(
        markup.table(
            ("developer", "models, by articles that name them", "articles", "last named"),
            [
                (
                    markup.company_link(developer) if developer else "not known",
                    Markup(", ").join(
                        Markup('{} <span class="quiet">({})</span>').format(row["model"], row["articles"])
                        for row in told[:12]
                    )
                    + (f" and {len(told) - 12} more" if len(told) > 12 else ""),
                    sum(row["articles"] for row in told),
                    markup.day(max(row["last_on"] for row in told)),
                )
                for developer, told in ranked[:_DEVELOPERS]
            ],
            caption="AI models by developer",
        ),
        _taken("models", len(ranked), _DEVELOPERS),
    )


def _offered(rows: list[Row]) -> Markup:
    if not rows:
        return markup.empty_state(
            "No sentence says where a model is offered.",
            "A sentence that names a model and another company than its developer, and speaks of offering, does.",
        )
    return markup.page(
        Markup("<p>{}</p>").format(
            "What sentences say that name a model together with another company than its developer and speak of "
            "offering: available on, offered through, hosts, customers get. It is a reading of words, so look at the "
            "sentence."
        ),
        markup.table(
            ("model", "developer", "at", "articles", "sentence"),
            [
                (
                    row["model"],
                    markup.company_link(row["developer"]) if row["developer"] else "",
                    markup.company_link(row["company"]),
                    row["articles"],
                    Markup('<div class="sentence">{} {}</div>').format(
                        row["sentence"],
                        markup.link(f"/article/{row['article_id']}", f"({wording.day(row['last_on'])})"),
                    ),
                )
                for row in rows[:_BUYERS]
            ],
            caption="Where models are offered",
        ),
        _taken("offered", len(rows), _BUYERS),
    )


def _over_time(told: list[tuple[str, Any, int]], what: str) -> None:
    found = series.counts(told)
    if not found.counts:
        return
    show(Markup("<h2>{}</h2>").format("Chips in the news" if what == "chip" else "Models in the news"))
    names = list(found.counts)
    rows = [(one.name, *(found.counts[name][at] for name in names)) for at, one in enumerate(found.periods)]
    figure.figure(
        options.counts_options(found),
        title=f"Articles that name each of the {len(names)} {what}s named most, over time",
        name=f"dealwire-{what}s",
        table=markup.table(("period", *names), rows, caption=f"Articles that name {what}s"),
        data=lambda form: f"/hardware/{what}s-by-month.{form}",
        legend=[(name, *options.line_of(at)) for at, name in enumerate(names)],
    )


def _taken(what: str, found: int, shown: int) -> Markup:
    told = f"The first {shown} of {found:,}. " if found > shown else ""
    links = Markup(" · ").join(
        Markup('<a href="/hardware/{}.{}" download>{}</a>').format(what, form, form.upper()) for form in ("csv", "json")
    )
    return Markup('<p class="small">{}{}</p>').format(told, links)
