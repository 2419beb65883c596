"""The SQL page: a question, its answer as table, chart and files, and what there is to ask."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from nicegui import ui

from dealwire import __version__, wording
from dealwire.warehouse import describing
from dealwire.web import markup
from dealwire.web.api import results
from dealwire.web.frame import error_card, frame, page, show
from dealwire.web.questions import questions
from dealwire.web.sandbox import LONGEST_QUERY, Answer
from dealwire.web.site import Site
from schemas.errors import DealwireError

_SHOWN = 1000
"""Rows that are sent to the browser; files hold all there may be."""
_DRAWN = 60
_HEAD = (
    f'<link rel="stylesheet" href="/static/sql.css?{__version__}"><script src="/static/sql.js?{__version__}"></script>'
)
_FILES = ((results.Form.CSV, "CSV"), (results.Form.JSON, "JSON"), (results.Form.PARQUET, "Parquet"))


def pages(site: Site) -> None:
    """Register `/sql`."""

    @page("/sql", active="/sql")
    async def sql(query: str = "") -> None:
        tables = await site.read(describing.tables)
        ui.add_head_html(_HEAD)
        with frame("SQL", active="/sql"), ui.element("div").classes("sql-page"):
            with ui.element("div"):
                _Box(site, tables, query[:LONGEST_QUERY]).build()
            with ui.element("aside").classes("sql-aside"):
                show(_beside(tables))


class _Box:
    """The editor and what was answered last."""

    def __init__(self, site: Site, tables: Sequence[describing.Table], query: str) -> None:
        self._site, self._tables = site, tables
        self._given = query
        self._busy = False

    def build(self) -> None:
        settings = self._site.settings.web
        show(
            Markup(
                '<p class="quiet">One SELECT in <a href="https://duckdb.org/docs/stable/sql/introduction" '
                'target="_blank" rel="noopener noreferrer external">DuckDB’s SQL</a>. It can read the tables beside '
                "and nothing else, change nothing, and take {:g} seconds.</p>"
            ).format(settings.sql_seconds)
        )
        self._editor = ui.codemirror(
            self._given or questions()[0].query,
            language="SQL",
            theme="githubLight",
            indent="  ",
            line_wrapping=True,
            keymap={"Mod-Enter": self._run},
        )
        with ui.element("div").classes("sql-bar"):
            self._button = ui.element("button").classes("button").props('type="button"').on("click", self._run)
            with self._button:
                ui.html("Ask", sanitize=False, tag="span")
            show(Markup('<span class="quiet small">or <kbd>Ctrl</kbd>+<kbd>Enter</kbd></span>'))
        self._result = ui.element("section").props('aria-label="Answer" aria-live="polite"')
        told = {
            one.name: {
                "about": one.about,
                "columns": [[column.name, column.type, column.about] for column in one.columns],
            }
            for one in self._tables
        }
        ready = f"dealwireSql({self._editor.id}, {json.dumps(told)})"
        ui.timer(0, lambda: ui.run_javascript(ready), once=True)
        if self._given:
            ui.timer(0, self._run, once=True)

    async def _run(self) -> None:
        if self._busy:
            return
        self._busy = True
        query = self._editor.value
        self._result.clear()
        with self._result:
            show(Markup('<p class="quiet" role="status">Asking …</p>'))
        self._button.props("disabled")
        try:
            answer = await results.ask(self._site, query, rows=_SHOWN)
            told: list[list[Any]] = results.rows(answer)
        except DealwireError as error:
            self._result.clear()
            with self._result:
                error_card(error)
        else:
            self._result.clear()
            with self._result:
                _show(answer, told, query)
            ui.navigate.history.replace(markup.address("/sql", {"query": query}))
        finally:
            self._button.props(remove="disabled")
            self._busy = False


def _show(answer: Answer, rows: list[list[Any]], query: str) -> None:
    names = list(answer.table.column_names)
    count = wording.count(len(rows), "row")
    cut = f"The first {count}; there are more, and the files hold more of them." if answer.more else f"{count}."
    files = Markup(" ").join(
        Markup('<a class="button quiet-button" download href="/api/sql?{}">{}</a>').format(
            urlencode({"query": query, "form": form, "download": "true"}), name
        )
        for form, name in _FILES
    )
    show(
        Markup('<p role="status">{} <span class="quiet">{:.2f} s</span></p><p>{}</p>').format(
            cut, answer.seconds, files
        )
    )
    if not rows:
        return
    chart = chart_of(names, rows)
    if chart:
        with ui.element("details").classes("card") as drawn:
            show(Markup("Chart"), tag="summary")
        # Drawn when it is opened: before that it has no size.
        drawn.on("toggle", lambda: _draw(drawn, chart), args=[])
    ui.aggrid(
        {
            "columnDefs": [
                {"headerName": name, "field": f"c{number}", "sortable": True, "filter": True, "resizable": True}
                | ({"type": "rightAligned"} if all(_is_number(row[number]) for row in rows) else {})
                for number, name in enumerate(names)
            ],
            "rowData": [{f"c{number}": _cell(value) for number, value in enumerate(row)} for row in rows],
            "domLayout": "autoHeight" if len(rows) <= 20 else "normal",
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressFieldDotNotation": True,
        },
        theme="quartz",
        auto_size_columns=False,
    ).style(f"width: 100%; {'' if len(rows) <= 20 else 'height: 32rem'}")


def _draw(place: ui.element, chart: dict[str, Any]) -> None:
    if len(place.default_slot.children) < 2:
        with place:
            ui.echart(chart).style("height: 22rem; width: 100%").props(
                'role="img" aria-label="Chart of the answer; the table below has the same numbers"'
            )


def chart_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any] | None:
    """A chart of an answer: its first numbers over its first texts or days; None if there is nothing to draw."""
    kinds = [_kind([row[number] for row in rows]) for number in range(len(names))]
    numbers = [number for number, kind in enumerate(kinds) if kind == "number"][:3]
    across = next((number for number, kind in enumerate(kinds) if kind in ("text", "day")), None)
    if not numbers or across is None or len(rows) < 2:
        return None
    some = rows[:_DRAWN]
    if kinds[across] == "day":
        some = sorted(some, key=lambda row: str(row[across]))
    return {
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "legend": {"show": len(numbers) > 1},
        "grid": {"containLabel": True, "left": 8, "right": 16, "bottom": 8},
        "xAxis": {"type": "category", "data": [str(row[across]) for row in some], "name": names[across]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "name": names[number],
                "type": "line" if kinds[across] == "day" else "bar",
                "data": [None if row[number] is None else float(row[number]) for row in some],
            }
            for number in numbers
        ],
    }


def _kind(values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "nothing"
    if all(_is_number(value) for value in known):
        return "number"
    if all(isinstance(value, str) for value in known):
        return "day" if all(_is_day(value) for value in known) else "text"
    return "other"


def _is_number(value: Any) -> bool:
    """Also of those that are texts because JSON's numbers would lose digits."""
    if isinstance(value, str):
        return value.lstrip("-").replace(".", "", 1).isascii() and value.lstrip("-").replace(".", "", 1).isdigit()
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return len(value) >= 10


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(one) if not isinstance(one, dict | list) else json.dumps(one) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _beside(tables: Sequence[describing.Table]) -> Markup:
    asked = Markup("").join(
        Markup("<li>{}</li>").format(markup.link(markup.address("/sql", {"query": one.query}), one.title))
        for one in questions()
    )
    views = Markup("").join(_table(one) for one in tables if one.view)
    rest = Markup("").join(_table(one) for one in tables if not one.view)
    return Markup("<h2>Questions</h2><ul>{}</ul><h2>Views</h2>{}<h2>Tables</h2>{}").format(asked, views, rest)


def _table(one: describing.Table) -> Markup:
    columns = Markup("").join(
        Markup('<dt>{} <span class="quiet">{}</span></dt><dd>{}</dd>').format(column.name, column.type, column.about)
        for column in one.columns
    )
    return Markup(
        "<details><summary><code>{}</code></summary><p class='quiet small'>{}</p><dl>{}</dl></details>"
    ).format(one.name, one.about, columns)
