"""Pieces of the page of the map: its legend, its tables, the sentences behind an arrow."""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from dealwire import wording
from dealwire.warehouse import charts
from dealwire.web import markup
from dealwire.web.drawing import graph
from dealwire.web.drawing.trades import TRADES, trade
from dealwire.web.frame import show
from schemas import DealKind

Kinds = Mapping[str, str | None]
Address = Callable[..., str]


def sentences(told: list[charts.Row], source: str, target: str, kind: str, *, left_out: int = 0) -> None:
    """The deals of an arrow with their sentences; `left_out` earlier ones are not among them."""
    arrow = "+" if kind and not markup.directed(kind) else "→"
    of = f", {wording.kind(kind)}" if kind else ""
    show(Markup('<h2 id="told-heading" tabindex="-1">{} {} {}{}</h2>').format(source, arrow, target, of))
    for row in told:
        show(deal_card(row))
    if left_out:
        show(markup.note(f"{wording.count(left_out, 'earlier deal')} are not shown here."))


def deal_card(row: charts.Row) -> Markup:
    """A deal with the sentence that tells it best, and links to the deal and to the article."""
    quote = markup.quote_of(row["evidence"]) if row["evidence"] else Markup("")
    article = Markup("")
    if row["article_id"]:
        article = Markup(" · ") + markup.link(f"/article/{row['article_id']}", row["title"] or row["site"])
    return Markup(
        '<article class="card"><h3>{}{}{} {}</h3><p class="facts">{}</p>{}<p class="small">{}{}</p></article>'
    ).format(
        markup.sides(row),
        markup.kind_chip(row["kind"]),
        markup.status_chip(row["status"]),
        markup.amount(row),
        markup.day(row["announced_on"]),
        quote,
        markup.link(f"/deal/{row['deal_id']}", "The deal and all its sources"),
        article,
    )


def legend(given: graph.Graph, kinds: Kinds) -> Markup:
    """What the colours and lines of the map mean, of those that are on it."""
    trades = sorted({trade(kinds.get(node.name)) for node in given.nodes})
    drawn = {arrow.kind for arrow in given.arrows}
    dots = [
        Markup('<li><span class="dot" style="--is: var(--{})"></span>{}</li>').format(
            TRADES[at].colour, TRADES[at].name
        )
        for at in trades
    ]
    if any(node.looped for node in given.nodes):
        dots.append(Markup('<li><span class="dot ring" style="--is: var(--loop)"></span>on a loop of money</li>'))
    lines = [
        Markup('<li><span class="line{}" style="--is: var(--{})"></span>{}{}</li>').format(
            "" if kind.directed else " dashed", kind, wording.kind(kind), "" if kind.directed else " (no direction)"
        )
        for kind in DealKind
        if kind in drawn
    ]
    return Markup(
        '<ul class="legend" aria-label="What companies do">{}</ul><ul class="legend" aria-label="Kinds of deal">{}</ul>'
    ).format(Markup("").join(dots), Markup("").join(lines))


def tables(given: graph.Graph, kinds: Kinds, address: Address) -> Markup:
    """The map as tables: its companies and its arrows. `address` gives that of a page with the same filters."""
    companies = markup.table(
        ("company", "does", "gets", "pays", "deals", "on a loop"),
        [
            (
                markup.link(address("/map", company=node.name), node.name),
                kinds.get(node.name) or "",
                wording.usd(node.usd_in) if node.usd_in else "",
                wording.usd(node.usd_out) if node.usd_out else "",
                len(node.parts),
                "yes" if node.looped else "",
            )
            for node in given.nodes
        ],
        caption="Companies on the map",
    )
    ranked = sorted(given.arrows, key=lambda arrow: (-arrow.usd, -len(arrow.legs), arrow.source, arrow.target))
    arrows = markup.table(
        ("from", "to", "kind", "amount", "deals", "on a loop", "sentences"),
        [
            (
                arrow.source,
                arrow.target,
                wording.kind(arrow.kind) + ("" if arrow.directed else " (no direction)"),
                wording.usd(arrow.usd) if arrow.usd else "",
                len(arrow.legs),
                "yes" if arrow.looped else "",
                Markup('<a href="{}" aria-label="{}">show</a>').format(
                    address("/map", source=arrow.source, target=arrow.target, of=arrow.kind) + "#told",
                    f"Show the sentences: {arrow.source} and {arrow.target}, {wording.kind(arrow.kind)}",
                ),
            )
            for arrow in ranked
        ],
        caption="Deals between the companies on the map",
    )
    return markup.page(companies, arrows)


def circles(found: list[charts.Row], address: Address) -> Markup:
    """The loops of money with their scores, and the companies that lie on most of them."""
    if not found:
        return markup.empty_state(
            "No money runs in a circle among the companies drawn.",
            "A loop needs deals that lead back to who paid first.",
        )
    hubs: dict[str, list[float]] = {}
    for row in found:
        for name in row["companies"]:
            hubs.setdefault(name, []).append(row["score"])
    ranked = sorted(hubs.items(), key=lambda item: (-sum(item[1]), item[0]))
    arrow = Markup(' <span role="img" aria-label="pays">→</span> ')
    return markup.page(
        Markup("<p>{}</p>").format(
            "Companies in the order of payment; the last pays the first. The score, from 0 to 1, is higher the more "
            "varied what is bought, the more balanced the amounts, and the surer the deals. Deals that have ended do "
            "not count; the filters choose the companies, not the deals of a loop."
        ),
        markup.table(
            ("loop", "what is bought", "sum", "score"),
            [
                (
                    markup.companies([*row["companies"], row["companies"][0]], arrow),
                    ", ".join(flow.lower().replace("_", " ") for flow in row["flows"]),
                    wording.usd(row["usd"]) if row["usd"] else "not stated",
                    f"{row['score']:.2f}",
                )
                for row in found[:100]
            ],
            caption="Circular flows with their scores",
        ),
        Markup("<p class='small'>{}{} · {}</p>").format(
            f"The 100 with the highest scores of {len(found):,}. " if len(found) > 100 else "",
            markup.link(address("/map/loops.csv"), "CSV"),
            markup.link(address("/map/loops.json"), "JSON"),
        ),
        Markup("<h2>Companies on most loops</h2>"),
        markup.table(
            ("company", "loops", "sum of scores"),
            [(markup.company_link(name), len(scores), f"{sum(scores):.2f}") for name, scores in ranked[:10]],
            caption="Companies on most loops",
        ),
    )
