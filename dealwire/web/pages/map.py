"""The map: who deals with whom, the flow of money as bands, and what runs in a circle."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
from markupsafe import Markup
from nicegui import app, events, ui
from starlette.requests import Request
from starlette.responses import Response

from dealwire import wording
from dealwire.warehouse import charts
from dealwire.web import asked as asking
from dealwire.web import markup
from dealwire.web.drawing import data, graph, options, sankey
from dealwire.web.drawing.periods import Period, periods
from dealwire.web.frame import empty_state, frame, page, show, show_later
from dealwire.web.pages import alliances, figure, map_parts
from dealwire.web.site import Site

_MOST = 60
_ARROW = ("source", "target", "of")
_SENTENCES = 30
_NARROW = 640
"""Pixels; below it a window is a telephone's."""
_A_YEAR = 1.0
"""Seconds that a period is shown while the years are played."""


def pages(site: Site) -> None:
    """Register `/map`, and its data, such as `/map/arrows.csv`: companies, arrows, flows, loops; as CSV or JSON."""

    @page("/map", active="/map")
    async def drawn_map(request: Request) -> None:
        view = View(dict(request.query_params))
        found, kinds, told = await site.read(_found, view)
        with frame("Map", active="/map"):
            figure.head()
            show(alliances.filters(view.given, found.companies, path="/map"))
            if not found.rows:
                if alliances.chosen(view.given):
                    empty_state("No deal fits these filters.", markup.link("/map", "Show the whole map"))
                else:
                    empty_state("No deal was found yet.", "Add feeds on the page Feeds, and start `dealwire up`.")
                return
            _Map(site, view, found, kinds).show(told)
            _bands(view, found, kinds)
            _loops(site, view, found)

    @app.get("/map/{what}.{form}", include_in_schema=False)
    def taken(what: str, form: str, request: Request) -> Response:
        if what not in ("companies", "arrows", "flows", "loops") or form not in ("csv", "json"):
            return Response("There is no such data.\n", 404, media_type="text/plain")
        rows = site.read_now(_data, what, View(dict(request.query_params)))
        return figure.file(rows, form, f"dealwire-{what}")


class View:
    """What of the map one wants to see, as the address says: the filters, and an arrow whose deals are told."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.asked = asking.asked(given, datetime.now(UTC).date())
        self.source, self.target, self.of = (given.get(name, "")[:200] for name in _ARROW)

    def address(self, path: str, **changes: Any) -> str:
        """The address of a page with the same filters, but for the changes; without the arrow, unless it is one."""
        return markup.address(path, alliances.chosen(self.given), **changes)


class _Map:
    """The drawing, the slider that plays its years, and the sentences behind the arrow that was clicked."""

    def __init__(self, site: Site, view: View, found: charts.Drawn, kinds: map_parts.Kinds) -> None:
        self._site, self._view, self._found, self._kinds = site, view, found, kinds
        self._whole = graph.graph(found.rows, found.companies)
        self._where = options.places(self._whole)
        self._periods: list[Period] = periods(graph.days(self._whole))
        self._at = len(self._periods) - 1
        self._shown = self._whole
        self._narrow = False

    def show(self, told: list[charts.Row]) -> None:
        """Build it. `told` are the deals of the arrow that the address names, if it names one."""
        show(self._strip())
        show(map_parts.legend(self._whole, self._kinds))
        self._slider()
        self._chart = figure.figure(
            self._drawing(),
            title="Map of companies and their deals",
            name="dealwire-map",
            table=map_parts.tables(self._whole, self._kinds, self._view.address),
            data=lambda form: self._view.address(f"/map/arrows.{form}"),
            tall=True,
            on_click=self._clicked,
        )
        ui.timer(0, self._fit, once=True)
        self._told = ui.element("section").classes("told")
        self._told.props["id"] = "told"
        self._told.props["aria-live"] = "polite"
        with self._told:
            if told:
                map_parts.sentences(told, self._view.source, self._view.target, self._view.of)
            else:
                show(
                    Markup('<p class="quiet">{}</p>').format(
                        "Click an arrow for its deals and the sentences that tell of them; click a company for its "
                        "deals alone. Both stand in the table, too."
                    )
                )

    async def _fit(self) -> None:
        """Draw it anew for a telephone, if it is shown on one."""
        width = await ui.run_javascript("innerWidth", timeout=60)
        if isinstance(width, int | float) and width < _NARROW:
            self._narrow = True
            self._redraw()

    def _redraw(self) -> None:
        self._chart.options["series"] = self._drawing()["series"]
        self._chart.update()

    def _drawing(self) -> options.Options:
        return options.map_options(self._shown, self._where, self._kinds, most=self._whole, narrow=self._narrow)

    def _strip(self) -> Markup:
        looped = sum(1 for node in self._whole.nodes if node.looped)
        facts = [
            ("companies drawn", f"{len(self._whole.nodes)} of {self._found.of:,}"),
            ("deals drawn", f"{graph.deals(self._whole):,} of {self._found.deals:,}"),
            ("companies on loops of money", str(looped)),
        ]
        return markup.strip(facts)

    def _slider(self) -> None:
        if len(self._periods) < 2:
            return
        with ui.element("div").classes("play"):
            self._button = ui.element("button").classes("button")
            self._button.props["type"] = "button"
            with self._button:
                self._word = show(Markup("Play"), tag="span")
            self._button.on("click", self._play)
            self._range = ui.element("input")
            last = len(self._periods) - 1
            self._range.props.update(
                {"type": "range", "min": 0, "max": last, "step": 1, "value": last, "aria-label": "Deals told until"}
            )
            self._range.on("input", self._slid, js_handler="(event) => emit(event.target.valueAsNumber)", throttle=0.1)
            self._output = show(self._until(), tag="output")
        self._timer = ui.timer(_A_YEAR, self._next, active=False, immediate=False)

    def _until(self) -> Markup:
        return Markup("until {}").format(self._periods[self._at].name)

    def _play(self) -> None:
        if self._timer.active:
            self._stop()
            return
        if self._at == len(self._periods) - 1:
            self._go(0)
        self._word.content = "Pause"
        self._timer.activate()

    def _stop(self) -> None:
        self._timer.deactivate()
        self._word.content = "Play"

    def _next(self) -> None:
        if self._at < len(self._periods) - 1:
            self._go(self._at + 1)
        if self._at == len(self._periods) - 1:
            self._stop()

    def _slid(self, event: events.GenericEventArguments) -> None:
        if isinstance(event.args, int | float):
            self._stop()
            self._go(round(event.args), moved=False)

    def _go(self, at: int, *, moved: bool = True) -> None:
        self._at = min(max(at, 0), len(self._periods) - 1)
        self._shown = graph.until(self._whole, self._periods[self._at].last)
        self._output.content = str(self._until())
        if moved:
            ui.run_javascript(f"getHtmlElement({self._range.id}).value = {self._at}")
        self._redraw()

    async def _clicked(self, event: events.EChartPointClickEventArguments) -> None:
        drawn: dict[str, Any] = event.data if isinstance(event.data, dict) else {}
        if event.data_type == "edge":
            source, target, kind = (str(drawn.get(part, "")) for part in ("source", "target", "kind"))
            await self._arrow(source, target, kind)
        elif name := str(drawn.get("name", "")):
            ui.navigate.to(self._view.address("/map", company=name))

    async def _arrow(self, source: str, target: str, kind: str) -> None:
        ids = [
            leg.deal_id
            for arrow in self._shown.arrows
            if (arrow.source, arrow.target, arrow.kind) == (source, target, kind)
            for leg in arrow.legs
        ]
        told = await self._site.read(charts.told, ids[-_SENTENCES:])
        self._told.clear()
        with self._told:
            map_parts.sentences(told, source, target, kind, left_out=len(ids) - len(told))
        address = self._view.address("/map", source=source, target=target, of=kind)
        ui.run_javascript(
            f"history.replaceState(null, '', {json.dumps(address)});"
            f"document.getElementById('told-heading')?.focus({{preventScroll: false}})"
        )


def _found(con: duckdb.DuckDBPyConnection, view: View) -> tuple[charts.Drawn, map_parts.Kinds, list[charts.Row]]:
    found = charts.drawn(con, view.asked, most=_MOST)
    return found, charts.company_kinds(con, found.companies), charts.told(con, _chosen(found, view))


def _data(con: duckdb.DuckDBPyConnection, what: str, view: View) -> list[charts.Row]:
    """The rows to take away of `companies`, `arrows`, `flows` or `loops`."""
    found = charts.drawn(con, view.asked, most=_MOST)
    if what == "loops":
        return charts.circles_among(con, found.companies)
    if what == "flows":
        return data.flows(sankey.bands(_flows(found)))
    whole = graph.graph(found.rows, found.companies)
    if what == "arrows":
        return data.arrows(whole)
    return data.companies(whole, charts.company_kinds(con, found.companies))


def _chosen(found: charts.Drawn, view: View) -> list[str]:
    """The newest deals of the arrow that the address names."""
    if not view.source or not view.target:
        return []
    ends = (view.source, view.target)
    ids = [
        row["deal_id"]
        for row in found.rows
        if (not view.of or row["kind"] == view.of)
        and (
            (ends[0] in row["payers"] and ends[1] in row["payees"])
            or (ends[0] in row["parties"] and ends[1] in row["parties"])
        )
    ]
    return ids[-_SENTENCES:]


def _flows(found: charts.Drawn) -> list[sankey.Flow]:
    drawn = set(found.companies)
    given = [row for row in found.rows if drawn.issuperset(row["payers"]) and drawn.issuperset(row["payees"])]
    return sankey.flows(given)


def _bands(view: View, found: charts.Drawn, kinds: map_parts.Kinds) -> None:
    given = sankey.bands(_flows(found))
    show(Markup("<h2>Flow of money</h2>"))
    if not given.flows:
        empty_state("No deal with an amount and a direction is drawn.", "Widen the filters to see money flow.")
        return
    show(
        Markup("<p>{}</p>").format(
            "From payers on the left to who is paid on the right, the largest sums among the companies drawn. A sum "
            "that several share is drawn once, as that of several together."
        )
    )
    if given.broken:
        left_out = ", ".join(f"{flow.payer} → {flow.payee} {wording.usd(flow.usd)}" for flow in given.broken)
        show(
            markup.note(
                f"Bands cannot run in a circle, so of each loop the smallest flow is left out, "
                f"{wording.usd(given.broken_usd)} in all: {left_out}. The map and the table show them."
            )
        )
    if given.small:
        show(
            markup.note(
                f"{wording.count(given.small, 'smaller flow')}, {wording.usd(given.small_usd)} in all, "
                "found no room here."
            )
        )
    figure.figure(
        options.bands_options(given, kinds),
        title="Flow of money between companies",
        name="dealwire-flows",
        table=markup.table(
            ("payer", "payee", "amount", "drawn"),
            [
                (row["payer"], row["payee"], wording.usd(row["usd"]), "yes" if row["drawn"] else "no: it closes a loop")
                for row in data.flows(given)
            ],
            caption="Flows of money",
        ),
        data=lambda form: view.address(f"/map/flows.{form}"),
        tall=len(given.flows) > 12,
    )


def _loops(site: Site, view: View, found: charts.Drawn) -> None:
    show(Markup('<h2 id="loops">Circular flows</h2>'))

    async def circles() -> Markup:
        return map_parts.circles(await site.read(charts.circles_among, found.companies), view.address)

    show_later("Looking for loops of money…", circles)
