"""What subscribers are told: one JSON document, and the same in words."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dealwire import wording
from schemas.deal import DealKind
from schemas.events import AllianceAnnounced, AllianceUpdated, CompanyTold, DealTold

TEST = "dealwire.test"
"""The type of what `dealwire notify test` sends."""
_CHANGED = {
    "deals": "further deals",
    "parties": "further parties",
    "amounts": "other amounts",
    "status": "another status",
}
_LONGEST = 200


def body(event: AllianceAnnounced, *, delivery_id: str, at: datetime, kind: str | None = None) -> str:
    """The document: `type`, `id`, `timestamp` and, as `data`, the event as `schemas.events` has it.

    The same arguments give the same text, byte for byte.
    """
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    told = {"type": kind or event.name, "id": delivery_id, "timestamp": stamp, "data": event.model_dump(mode="json")}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def subject(told: dict[str, Any]) -> str:
    """The document's headline, on one line."""
    data = told["data"]
    opening = {TEST: "[test] ", AllianceUpdated.name: "Changed: "}.get(told["type"], "")
    title = wording.plain(data["title"])
    return opening + (title if len(title) <= _LONGEST else title[: _LONGEST - 1] + "…")


def lines(told: dict[str, Any]) -> list[str]:
    """Its deals, one a line, largest first; what has changed before them."""
    data = told["data"]
    changed = ", ".join(_CHANGED.get(one, one) for one in data.get("changed", ()))
    return [*([f"({changed})"] if changed else []), *(wording.plain(wording.deal(one)) for one in data["deals"])]


def sources(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The sentences behind the deals, each once: sentence, site, address."""
    found = {
        (wording.plain(one["evidence"]), wording.plain(one["site"] or ""), _address(one["url"]))
        for one in told["data"]["deals"]
        if one["evidence"]
    }
    order = [wording.plain(one["evidence"] or "") for one in told["data"]["deals"]]
    return sorted(found, key=lambda one: (order.index(one[0]), one))


def mail(told: dict[str, Any], *, name: str) -> str:
    """The document as the text of a mail to the subscriber `name`."""
    data = told["data"]
    parts = [
        wording.plain(data["title"]),
        f"announced on {data['announced_on']}, {_count(data['sources'], 'source')}",
        "",
    ]
    parts += [f"  {line}" for line in lines(told)]
    for sentence, site, address in sources(told):
        parts += ["", f"“{sentence}”", f"  {site} {address}".rstrip()]
    parts += ["", "-- ", f"Told by dealwire to the subscriber {name}; `dealwire notify remove {name}` ends it."]
    return "\n".join(parts) + "\n"


def slack(told: dict[str, Any]) -> str:
    """The document in Slack's markup, which Mattermost and others read, too."""
    parts = [f"*{_escaped(subject(told))}*", *(f"• {_escaped(line)}" for line in lines(told))]
    for sentence, site, address in sources(told)[:3]:
        link = f" <{_escaped(address)}|{_escaped(site)}>" if address else ""
        parts.append(f"> {_escaped(sentence)}{link}")
    return "\n".join(parts)


def example() -> AllianceAnnounced:
    """An alliance that nobody has announced, for tests of subscribers."""
    sides = {"payers": ("Example Labs",), "payees": ("Example Cloud",)}
    companies = (
        CompanyTold(company_id="example-labs", name="Example Labs", role="payer"),
        CompanyTold(company_id="example-cloud", name="Example Cloud", role="payee"),
    )
    billions, day = Decimal(30_000_000_000), date(2026, 1, 1)
    amounts = {"currency": "USD", "amount_max": billions, "usd_max": billions}
    deal = DealTold(
        deal_id="example", alliance_id="example", kind=DealKind.PURCHASE, status="announced", companies=companies,
        announced_on=day, sources=1, articles=1, confidence=0.9, site="dealwire.example",
        evidence="This is a test: Example Labs buys up to $30 billion of compute from Example Cloud.",
        url="https://dealwire.example/test", title="A test", **sides, **amounts,
    )  # fmt: skip
    return AllianceAnnounced(
        alliance_id="example", title="Example Labs, Example Cloud: up to $30B purchase", announced_on=day, sources=1,
        parties=("Example Labs", "Example Cloud"), usd_max=billions, confidence=0.9, deals=(deal,),
    )  # fmt: skip


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _address(url: str | None) -> str:
    """Only what may be followed without harm."""
    return (
        url
        if url and url.startswith(("http://", "https://")) and not any(c.isspace() or c in "<>|" for c in url)
        else ""
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
