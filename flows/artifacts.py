"""Reports as table artifacts: what a run did, in counts, and below them links to the evidence and the errors it met."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from prefect.artifacts import create_table_artifact

from dealwire import wording
from dealwire.settings import Settings
from schemas.events import AllianceAnnounced, AllianceUpdated, ArticlesStored, DealFound, DealTold, Event

_SHOWN = 20


class Evidence(NamedTuple):
    """What a line of a report says, and where that can be read."""

    text: str
    url: str | None = None
    quoted: str | None = None


def publish(
    key: str,
    title: str,
    settings: Settings,
    counts: Mapping[str, int],
    errors: Sequence[str] = (),
    evidence: Sequence[Evidence] = (),
) -> None:
    """Store the report of a run as the newest version of the artifact `key`."""
    rows = [{"what": what, "count": count} for what, count in counts.items()]
    create_table_artifact(table=rows, key=key, description=description(title, settings, errors, evidence))


def description(title: str, settings: Settings, errors: Sequence[str] = (), evidence: Sequence[Evidence] = ()) -> str:
    """What stands beside the table, as markdown; a long list is cut, and says so."""
    lines = [f"# {title}", "", f"Warehouse: `{settings.named}`"]
    if evidence:
        lines += ["", "## Evidence", "", *_cut([_line(one) for one in evidence])]
    if errors:
        lines += ["", "## Errors", "", *_cut([f"- {_cell(error)}" for error in errors])]
    return "\n".join(lines) + "\n"


def evidence_of(events: Sequence[Event]) -> list[Evidence]:
    """What the events of a run tell, each with the page that says so."""
    found: list[Evidence] = []
    for one in events:
        if isinstance(one, ArticlesStored):
            found += [Evidence(article.title or article.url, article.url) for article in one.articles]
        elif isinstance(one, AllianceAnnounced):
            word = "updated" if isinstance(one, AllianceUpdated) else "announced"
            best = one.deals[0]
            found.append(Evidence(f"{word}: {one.title}", best.url, best.evidence))
        elif isinstance(one, DealFound):
            found.append(Evidence(_sides(one), one.url, one.evidence))
    return found


def _sides(deal: DealTold) -> str:
    return f"{deal.kind.value.replace('_', ' ')}: {wording.sides(vars(deal))}"


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"- … and {len(lines) - _SHOWN:,} more"]


def _line(one: Evidence) -> str:
    # An address is anybody's: what could end the link or begin another is written in percent.
    web = one.url is not None and one.url.startswith(("http://", "https://"))
    head = f"[{_cell(one.text)}]({quote(one.url or '', safe=':/?#@!$&+,;=%~')})" if web else _cell(one.text)
    return f"- {head}" + (f": “{_cell(one.quoted)}”" if one.quoted else "")


def _cell(text: str) -> str:
    """Text of others, on one line and without a meaning in markdown or HTML."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|!":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
