"""Families: claims that have a key in common, themselves or through others. Only they can be claims of one deal."""

from collections.abc import Iterable

from dealwire.linking.clusters import keys_of
from dealwire.linking.groups import groups
from schemas import StoredClaim


def families(claims: Iterable[StoredClaim]) -> tuple[dict[str, str], dict[str, str]]:
    """The family of each claim that can make a deal, and of each key. A family is called by its least claim id."""
    of_key: dict[str, str] = {}
    ties: list[tuple[str, str]] = []
    for claim in claims:
        ties += ((of_key.setdefault(key, claim.claim_id), claim.claim_id) for key in keys_of(claim))
    of_claim = groups((claim_id for _, claim_id in ties), ties)
    return of_claim, {key: of_claim[claim_id] for key, claim_id in of_key.items()}
