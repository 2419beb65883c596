"""What extractors found, in the shape of annotated documents: id, text, mentions, deals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from dealwire.warehouse.corrections import Meanings, renamed
from extractors.run import Outcome
from schemas import CapacityMention, ChipMention, CompanyMention, DealClaim, ModelMention, MoneyMention
from schemas.record import Record


def as_document(document_id: object, text: str, outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """One document with its mentions in reading order and its deals. Offsets count code points of `text`.

    Where there are custom extractors, their records are told by name, and those with a label are mentions, too.
    """
    mentions: list[dict[str, Any]] = []
    deals: list[dict[str, Any]] = []
    custom: dict[str, list[dict[str, Any]]] = {}
    for outcome in outcomes:
        if outcome.extractor.custom:
            custom[outcome.extractor.name] = [one.model_dump(mode="json") for one in outcome.records]
            mentions += _labelled(outcome)
            continue
        for record in outcome.records:
            if isinstance(record, DealClaim):
                deals += _unless_told(deals, _deal(record), outcome.extractor.name)
            elif (found := _mention(record)) is not None:
                mentions.append(found)
    mentions.sort(key=lambda one: (one["start"], one["end"]))
    found = {"id": document_id, "text": text, "mentions": mentions, "deals": deals}
    return found | {"records": custom} if custom else found


def corrected(outcomes: Iterable[Outcome], known: Meanings) -> list[Outcome]:
    """The outcomes with companies named as the archive would name them, where names stand for others."""
    return [
        one._replace(records=tuple(renamed(record, one.extractor.table, known) for record in one.records))
        for one in outcomes
    ]


def number(value: Decimal | float | None) -> int | float | None:
    """Whole numbers without a fraction, as JSON readers expect."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _labelled(outcome: Outcome) -> list[dict[str, Any]]:
    if outcome.extractor.label is None:
        return []
    named = [(one, getattr(one, "name", None)) for one in outcome.records]
    return [
        {"start": one.start, "end": one.end, "label": outcome.extractor.label}
        | ({"entity": name} if isinstance(name, str) else {})
        for one, name in named
    ]


def _mention(record: Record) -> dict[str, Any] | None:
    span = {"start": record.start, "end": record.end}
    if isinstance(record, CompanyMention):
        return {**span, "label": "COMPANY", "entity": record.name}
    if isinstance(record, ChipMention):
        return {**span, "label": "CHIP", "entity": record.name}
    if isinstance(record, ModelMention):
        return {**span, "label": "MODEL", "entity": record.name}
    if isinstance(record, MoneyMention):
        low, high = number(record.amount_min), number(record.amount_max)
        return {**span, "label": "MONEY", "currency": record.currency, "min": low, "max": high}
    if isinstance(record, CapacityMention):
        if record.units_min is not None or record.units_max is not None:
            return {**span, "label": "CAPACITY", "units_min": record.units_min, "units_max": record.units_max}
        return {**span, "label": "CAPACITY", "mw_min": number(record.mw_min), "mw_max": number(record.mw_max)}
    return None


def _unless_told(deals: list[dict[str, Any]], one: dict[str, Any], extractor: str) -> list[dict[str, Any]]:
    """The deal, marked with who tells it if that is not the extractor `deals`; nothing if it is told already."""
    if extractor == "deals":
        return [one]
    same = ("kind", "payers", "payees", "parties", "currency", "min", "max")
    if any(all(one[name] == other[name] for name in same) for other in deals):
        return []
    return [{**one, "extractor": extractor}]


def _deal(claim: DealClaim) -> dict[str, Any]:
    power = claim.capacity_mw_max if claim.capacity_mw_max is not None else claim.capacity_mw_min
    return {
        "kind": claim.kind.value,
        "status": claim.status.value,
        "payers": list(claim.payers),
        "payees": list(claim.payees),
        "parties": list(claim.parties),
        "currency": claim.currency,
        "min": number(claim.amount_min),
        "max": number(claim.amount_max),
        "capacity_mw": number(power),
        "years": claim.years,
        "stake_percent": claim.stake_percent,
        "valuation": number(claim.valuation),
        "valuation_currency": claim.valuation_currency,
        "evidence": [claim.start, claim.end],
        "confidence": round(claim.confidence, 3),
    }
