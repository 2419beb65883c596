"""What a model answers: the deals it tells, before anything of it is believed."""

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from schemas.deal import DealKind, DealStatus
from schemas.errors import AnswerUnreadable

_FENCE = re.compile(r"\s*```(?:json)?\s*\n(?P<inside>.*?)\n?\s*```\s*", re.DOTALL | re.IGNORECASE)
# Models that think aloud do so before they answer.
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_MOST = 50
"""Deals of one article; whatever tells more of them is no reading of it."""


def _name(value: Any) -> Any:
    return value.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """None as no name, one name as a list of it."""
    return [] if value is None else [value] if isinstance(value, str) else value


def _given(value: Any) -> Any:
    return (
        None
        if isinstance(value, str) and value.strip().lower() in ("", "null", "none", "n/a", "undisclosed")
        else value
    )


_Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_Words = Annotated[str | None, BeforeValidator(_given)]


class Told(BaseModel):
    """One deal in the model's words. Unlike records of ours it may have fields that nobody asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Annotated[DealKind, BeforeValidator(_name)]
    status: Annotated[DealStatus, BeforeValidator(_name)] = DealStatus.ANNOUNCED
    payers: _Names = ()
    payees: _Names = ()
    parties: _Names = ()
    amount: _Words = None
    capacity: _Words = None
    evidence: str


def read(content: str) -> tuple[Told, ...]:
    """The deals of an answer; those without a kind or evidence are left out.

    Raises `AnswerUnreadable` if it is not the object asked for, or if none of the deals in it can be read.
    """
    bare = _THOUGHT.sub("", content, count=1)
    fenced = _FENCE.fullmatch(bare)
    try:
        found = json.loads(fenced["inside"] if fenced else bare)
    except (ValueError, RecursionError) as error:
        raise AnswerUnreadable(f"it is no JSON: {error}") from error
    deals = found.get("deals") if isinstance(found, dict) else None
    if not isinstance(deals, list):
        raise AnswerUnreadable('it is no object with a list "deals"')
    told: list[Told] = []
    fault = ""
    for one in deals[:_MOST]:
        try:
            told.append(Told.model_validate(one))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            fault = fault or f"{'.'.join(map(str, first['loc'])) or 'a deal'}: {first['msg']}"
    if fault and not told:
        raise AnswerUnreadable(fault)
    return tuple(told)
