"""Typed records: everything that passes between the rooms of dealwire."""

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
from schemas.feed import Entry, Feed, Poll, Polled, PollStatus
from schemas.ids import content_id, slug
from schemas.mention import CapacityMention, ChipMention, CompanyMention, ModelMention, MoneyMention
from schemas.merge import CompanyMerge
from schemas.record import Record
from schemas.report import BackfillReport, ExtractReport, LinkReport, PollReport, PollTold, ReadReport, RunReport

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
    "ModelMention",
    "MoneyMention",
    "Poll",
    "PollReport",
    "PollStatus",
    "PollTold",
    "Polled",
    "ReadReport",
    "ReadStatus",
    "Reading",
    "Record",
    "Retryable",
    "RunReport",
    "StoredClaim",
    "StoredPage",
    "Withheld",
    "content_id",
    "slug",
]
