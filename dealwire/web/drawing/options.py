"""Charts in the words of ECharts. Colours are those of the style sheet, so that dark and light need no second drawing.

What a hint says is HTML, so every name in it is escaped here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log10, sqrt
from typing import Any

from markupsafe import Markup

from dealwire import wording
from dealwire.web.drawing.graph import Arrow, Graph, Node
from dealwire.web.drawing.layout import layout
from dealwire.web.drawing.sankey import Bands
from dealwire.web.drawing.series import Counts, Money
from dealwire.web.drawing.trades import TRADES, trade

Options = dict[str, Any]
Places = Mapping[str, tuple[float, float]]

_HINT = {
    "trigger": "item",
    "confine": True,
    "backgroundColor": "var(--card)",
    "borderColor": "var(--line)",
    "textStyle": {"color": "var(--ink)", "fontSize": 14},
    "extraCssText": "max-width: 20rem; white-space: normal; box-shadow: 0 2px 8px rgb(0 0 0 / 25%)",
}
_TEXT = {"color": "var(--ink)", "fontSize": 13, "fontFamily": "system-ui, sans-serif"}
_LABEL = _TEXT | {"textBorderColor": "var(--card)", "textBorderWidth": 3}
_SMALLEST, _LARGEST = 12.0, 62.0
_THINNEST, _THICKEST = 1.4, 9.0
_BEND = 0.16
LINES = (
    "--investment",
    "--purchase",
    "--financing",
    "--acquisition",
    "--licensing",
    "--joint_venture",
    "--trade-money",
)
"""The colours of lines of a chart, one after another."""
MONEY = (("gets", "--money-in"), ("pays", "--money-out"))
"""What the bars of `money_options` mean, and their colours."""
_DASHES = ("solid", "dashed", "dotted")


def places(given: Graph) -> Places:
    """Where each company of the map stands."""
    names = [node.name for node in given.nodes]
    at = {name: number for number, name in enumerate(names)}
    pairs = [(at[arrow.source], at[arrow.target]) for arrow in given.arrows]
    return dict(zip(names, layout(_sizes(given.nodes), pairs), strict=True))


def map_options(
    given: Graph, where: Places, kinds: Mapping[str, str | None], *, most: Graph | None = None, narrow: bool = False
) -> Options:
    """The map. `kinds` says what companies do; `most` is the map at its fullest, which sets the scale.

    `narrow`: for a telephone, so higher than wide, and all in small.
    """
    full = most or given
    small = 0.5 if narrow else 1.0
    sizes = {node.name: round(size * small, 1) for node, size in zip(full.nodes, _sizes(full.nodes), strict=True)}
    where = {name: (round(x * small, 1), y) for name, (x, y) in where.items()}
    scale = max((arrow.usd for arrow in full.arrows), default=0)
    any_loop = any(arrow.looped for arrow in given.arrows)
    return {
        "animation": False,
        "tooltip": _HINT,
        "series": [
            {
                "type": "graph",
                "layout": "none",
                "roam": True,
                "preserveAspect": "contain",
                "scaleLimit": {"min": 0.5, "max": 8},
                "left": 20 if narrow else 60,
                "right": 20 if narrow else 60,
                "top": 30,
                "bottom": 30,
                "label": _LABEL | {"show": True, "position": "bottom", "distance": 3, "fontSize": 11 if narrow else 13},
                "labelLayout": {"hideOverlap": True},
                "emphasis": {"focus": "adjacency", "lineStyle": {"opacity": 1}, "itemStyle": {"borderWidth": 4}},
                "blur": {"itemStyle": {"opacity": 0.25}, "lineStyle": {"opacity": 0.08}, "label": {"opacity": 0.4}},
                "data": [_node(node, sizes[node.name], where[node.name], kinds.get(node.name)) for node in given.nodes],
                "links": [
                    _link(arrow, bend, scale, any_loop)
                    for arrow, bend in zip(given.arrows, _bends(given.arrows), strict=True)
                    if arrow.legs
                ],
            }
        ],
    }


def bands_options(given: Bands, kinds: Mapping[str, str | None]) -> Options:
    """The flow of money as bands, payers to the left."""
    names = dict.fromkeys(name for flow in given.flows for name in (flow.payer, flow.payee))
    return {
        "animation": False,
        "tooltip": _HINT,
        "series": [
            {
                "type": "sankey",
                "left": 8,
                "right": 175,
                "top": 12,
                "bottom": 12,
                "nodeGap": 12,
                "nodeWidth": 16,
                "layoutIterations": 64,
                "label": _LABEL | {"overflow": "truncate", "width": 170},
                "labelLayout": {"hideOverlap": True},
                "emphasis": {"focus": "adjacency", "lineStyle": {"color": "var(--band)", "opacity": 0.75}},
                "lineStyle": {"color": "var(--band)", "opacity": 0.45, "curveness": 0.5},
                "data": [
                    {
                        "name": name,
                        "itemStyle": {"color": _colour(kinds.get(name)), "borderWidth": 0},
                        "emphasis": {"itemStyle": {"color": _colour(kinds.get(name))}},
                        "tooltip": {"formatter": str(_bands_hint(given, name))},
                    }
                    for name in names
                ],
                "links": [
                    {
                        "source": flow.payer,
                        "target": flow.payee,
                        "value": flow.usd,
                        "tooltip": {
                            "formatter": str(
                                Markup("{} → {}<br><strong>{}</strong>").format(
                                    flow.payer, flow.payee, wording.usd(flow.usd)
                                )
                            )
                        },
                    }
                    for flow in given.flows
                ],
            }
        ],
    }


def money_options(given: Money) -> Options:
    """What a company gets (up) and pays (down) in each period."""
    unit, letter = _unit(max((*given.usd_in, *given.usd_out), default=0))
    return _framed([one.name for one in given.periods], f"US dollars, {letter}" if letter else "US dollars") | {
        "series": [
            {
                "type": "bar",
                "name": name,
                "stack": "money",
                "barMaxWidth": 36,
                "itemStyle": {"color": f"var({colour})"},
                "emphasis": {"itemStyle": {"color": f"var({colour})", "opacity": 0.8}},
                "data": [round(sign * value / unit, 4) for value in values],
            }
            for (name, colour), sign, values in zip(MONEY, (1, -1), (given.usd_in, given.usd_out), strict=True)
        ]
    }


def counts_options(given: Counts) -> Options:
    """How many articles tell of each name in each period."""
    return _framed([one.name for one in given.periods], "articles") | {
        "series": [
            {
                "type": "line",
                "name": name,
                "symbolSize": 7,
                "itemStyle": {"color": f"var({line_of(at)[0]})"},
                "lineStyle": {"width": 2.5, "color": f"var({line_of(at)[0]})", "type": line_of(at)[1]},
                "emphasis": {"disabled": True},
                "data": list(values),
            }
            for at, (name, values) in enumerate(given.counts.items())
        ]
    }


def line_of(at: int) -> tuple[str, str]:
    """The colour's name and the dashes of the line of a chart that comes at this place, counted from 0."""
    return LINES[at % len(LINES)], _DASHES[at // len(LINES) % len(_DASHES)]


def _framed(names: Sequence[str], unit: str) -> Options:
    lines = {"lineStyle": {"color": "var(--line)"}}
    return {
        "animation": False,
        "tooltip": _HINT
        | {"trigger": "axis", "axisPointer": {"type": "shadow", "shadowStyle": {"color": "var(--soft)"}}},
        "grid": {"left": 8, "right": 16, "bottom": 8, "top": 34, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "axisLabel": _TEXT | {"color": "var(--quiet)", "hideOverlap": True, "fontSize": 12, "padding": [0, 10]},
            "axisLine": lines,
            "axisTick": lines,
        },
        "yAxis": {
            "type": "value",
            "name": unit,
            "nameTextStyle": _TEXT | {"color": "var(--quiet)", "align": "left", "padding": [0, 0, 0, -30]},
            "axisLabel": _TEXT | {"color": "var(--quiet)"},
            "splitLine": lines,
        },
    }


def _node(node: Node, size: float, at: tuple[float, float], kind: str | None) -> Options:
    there = bool(node.parts)
    hint = Markup("<strong>{}</strong><br>{}<br>{}").format(
        node.name,
        kind or "not in the catalogue",
        Markup("<br>").join(
            [
                f"gets {wording.usd(node.usd_in)}, pays {wording.usd(node.usd_out)}",
                wording.count(len(node.parts), "deal"),
                *(["on a loop of money"] if node.looped else []),
            ]
        ),
    )
    return {
        "id": node.name,
        "name": node.name,
        "x": at[0],
        "y": at[1],
        "value": node.usd_in + node.usd_out,
        "symbolSize": size if there else 5,
        "itemStyle": {
            "color": _colour(kind),
            "borderColor": "var(--loop)" if node.looped else "var(--card)",
            "borderWidth": 3 if node.looped else 1.5,
            "opacity": 1 if there else 0.3,
        },
        # Lit up, a colour of the style sheet would be lost: ECharts cannot make it lighter.
        "emphasis": {"itemStyle": {"color": _colour(kind)}},
        "label": {"show": there},
        "tooltip": {"formatter": str(hint)},
    }


def _link(arrow: Arrow, bend: float, scale: float, any_loop: bool) -> Options:
    colour = f"var(--{arrow.kind})"
    faded = any_loop and not arrow.looped
    return {
        "source": arrow.source,
        "target": arrow.target,
        "kind": arrow.kind,
        "value": arrow.usd,
        "emphasis": {"lineStyle": {"color": colour, "opacity": 1}},
        "symbol": ["none", "arrow"] if arrow.directed else ["none", "none"],
        "symbolSize": [0, 7 + _width(arrow.usd, scale)],
        "lineStyle": {
            "color": colour,
            "width": _width(arrow.usd, scale),
            "curveness": bend,
            "opacity": 0.5 if faded else 0.95,
            "type": "solid" if arrow.directed else "dashed",
        },
        "tooltip": {"formatter": str(_arrow_hint(arrow))},
    }


def _arrow_hint(arrow: Arrow) -> Markup:
    shared = sum(1 for leg in arrow.legs if leg.shared_usd)
    told = [
        wording.usd(arrow.usd) if arrow.usd else "no amount of its own stated",
        *([f"{wording.count(shared, 'deal')} with a sum that several share"] if shared else []),
        wording.count(len(arrow.legs), "deal"),
        *(["closes a loop of money"] if arrow.looped else []),
        "click for the sentences",
    ]
    return Markup("<strong>{} {} {}</strong><br>{}<br>{}").format(
        arrow.source,
        "→" if arrow.directed else "+",
        arrow.target,
        wording.kind(arrow.kind),
        Markup("<br>").join(told),
    )


def _bands_hint(given: Bands, name: str) -> Markup:
    into = sum(flow.usd for flow in given.flows if flow.payee == name)
    out = sum(flow.usd for flow in given.flows if flow.payer == name)
    return Markup("<strong>{}</strong><br>gets {}, pays {} here").format(name, wording.usd(into), wording.usd(out))


def _bends(arrows: Sequence[Arrow]) -> list[float]:
    """How much each arrow is bent, so that several between two companies do not lie on each other.

    One way and back bend apart by themselves, being drawn from opposite ends.
    """
    there: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for arrow in arrows:
        there[arrow.source, arrow.target] += 1
        found.append(round(_BEND * there[arrow.source, arrow.target], 3))
    return found


def _sizes(nodes: Sequence[Node]) -> list[float]:
    """Diameters in pixels: areas grow with the money that goes in and out."""
    scale = max((node.usd_in + node.usd_out for node in nodes), default=0) or 1
    return [round(_SMALLEST + (_LARGEST - _SMALLEST) * sqrt((node.usd_in + node.usd_out) / scale), 1) for node in nodes]


def _width(usd: float, scale: float) -> float:
    if not usd or not scale:
        return _THINNEST
    # Amounts differ by a factor of a thousand and more; widths cannot.
    part = max(0.0, 1 + log10(usd / scale) / 3)
    return round(_THINNEST + (_THICKEST - _THINNEST) * part, 2)


def _colour(kind: str | None) -> str:
    return f"var(--{TRADES[trade(kind)].colour})"


def _unit(largest: float) -> tuple[float, str]:
    for size, letter in ((1e12, "trillions"), (1e9, "billions"), (1e6, "millions")):
        if largest >= size:
            return size, letter
    return 1.0, ""
