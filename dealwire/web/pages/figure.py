"""A chart on a page: its drawing, the same as a table, and its downloads."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from nicegui import events, ui
from starlette.responses import Response

from dealwire import __version__
from dealwire.web.drawing import data as taken
from dealwire.web.drawing.options import Options
from dealwire.web.frame import show

_HEAD = (
    f'<link rel="stylesheet" href="/static/charts.css?{__version__}">'
    f'<script src="/static/charts.js?{__version__}"></script>'
)
Click = Callable[[events.EChartPointClickEventArguments], Any]


def head() -> None:
    """What a page with charts needs beside the frame."""
    ui.add_head_html(_HEAD)


def figure(
    options: Options,
    *,
    title: str,
    name: str,
    table: Markup,
    data: Callable[[str], str] | None = None,
    legend: Sequence[tuple[str, str, str]] = (),
    tall: bool = False,
    on_click: Click | None = None,
) -> ui.echart:
    """A chart with its downloads and its table. `title` is read out; `name` begins the names of the files.

    `data` gives the address of the data in a form: `csv` or `json`. `legend`: name, colour and dashes of each line.
    """
    with ui.element("figure").classes("figure card"):
        if legend:
            lines = (
                Markup('<li><span class="line" style="--is: var({}); border-top-style: {}"></span>{}</li>').format(
                    colour, dashes, named
                )
                for named, colour, dashes in legend
            )
            show(Markup('<ul class="legend" aria-label="Legend">{}</ul>').format(Markup("").join(lines)))
        chart = ui.echart(options, on_click, renderer="svg").classes("chart tall" if tall else "chart")
        chart.props["role"] = "img"
        chart.props["aria-label"] = f"{title}; the same as a table stands below"
        with ui.element("div").classes("tools"):
            for form in ("png", "svg"):
                button = ui.element("button").classes("button quiet-button")
                button.props["type"] = "button"
                button.props["aria-label"] = f"Save as {form.upper()}: {title}"
                with button:
                    show(escape(form.upper()), tag="span")
                button.on("click", js_handler=f"() => dealwireSave(getElement({chart.id}).chart, '{form}', '{name}')")
            if data:
                show(
                    Markup(" ").join(
                        Markup('<a class="button quiet-button" href="{}" download aria-label="{}">{}</a>').format(
                            data(form), f"Save the data as {form.upper()}: {title}", form.upper()
                        )
                        for form in ("csv", "json")
                    ),
                    tag="span",
                )
        show(Markup("<details><summary>Show as a table</summary>{}</details>").format(table))
    return chart


def file(rows: Sequence[Mapping[str, Any]], form: str, name: str) -> Response:
    """Rows as a file to save: `form` is `csv` or `json`."""
    told = taken.as_csv(rows) if form == "csv" else json.dumps([taken.plain(row) for row in rows], ensure_ascii=False)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    named = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return Response(told, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{named}.{form}"'})
