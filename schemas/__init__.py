"""Typed records: everything that passes between the rooms of dealwire.

Each module is imported when one of its names is first used: a command that only reads needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemas.article import Article, Reading, ReadStatus, StoredPage, Withheld
    from schemas.deal import (
        Alliance,
        Deal,
        DealChange,
        DealClaim,
        DealKind,
        DealSource,
        DealStatus,
        DealTerms,
        Links,
        StoredClaim,
    )
    from schemas.errors import DealwireError, Retryable
    from schemas.feed import Entry, Feed, Poll, Polled, PollStatus, SiteRules
    from schemas.ids import content_id, slug
    from schemas.mention import CapacityMention, ChipMention, CompanyMention, ModelMention, MoneyMention
    from schemas.merge import CompanyMerge
    from schemas.record import Record
    from schemas.report import (
        BackfillReport,
        ExtractReport,
        LinkReport,
        MaintainReport,
        NotifyReport,
        PollReport,
        PollTold,
        PublishReport,
        RatesReport,
        ReadReport,
        RunReport,
        SendReport,
    )

__all__ = [
    "Alliance",
    "Article",
    "BackfillReport",
    "CapacityMention",
    "ChipMention",
    "CompanyMention",
    "CompanyMerge",
    "Deal",
    "DealChange",
    "DealClaim",
    "DealKind",
    "DealSource",
    "DealStatus",
    "DealTerms",
    "DealwireError",
    "Entry",
    "ExtractReport",
    "Feed",
    "LinkReport",
    "Links",
    "MaintainReport",
    "ModelMention",
    "MoneyMention",
    "NotifyReport",
    "Poll",
    "PollReport",
    "PollStatus",
    "PollTold",
    "Polled",
    "PublishReport",
    "RatesReport",
    "ReadReport",
    "ReadStatus",
    "Reading",
    "Record",
    "Retryable",
    "RunReport",
    "SendReport",
    "SiteRules",
    "StoredClaim",
    "StoredPage",
    "Withheld",
    "content_id",
    "slug",
]

_NAMES = {
    "article": ("Article", "ReadStatus", "Reading", "StoredPage", "Withheld"),
    "deal": (
        "Alliance",
        "Deal",
        "DealChange",
        "DealClaim",
        "DealKind",
        "DealSource",
        "DealStatus",
        "DealTerms",
        "Links",
        "StoredClaim",
    ),
    "errors": ("DealwireError", "Retryable"),
    "feed": ("Entry", "Feed", "Poll", "PollStatus", "Polled", "SiteRules"),
    "ids": ("content_id", "slug"),
    "mention": ("CapacityMention", "ChipMention", "CompanyMention", "ModelMention", "MoneyMention"),
    "merge": ("CompanyMerge",),
    "record": ("Record",),
    "report": (
        "BackfillReport",
        "ExtractReport",
        "LinkReport",
        "MaintainReport",
        "NotifyReport",
        "PollReport",
        "PollTold",
        "PublishReport",
        "RatesReport",
        "ReadReport",
        "RunReport",
        "SendReport",
    ),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"schemas.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
