"""Families: claims that have a key in common, themselves or through others. Only they can be claims of one deal."""

from collections import defaultdict
from collections.abc import Iterable

from dealwire.linking.deals import keys_of
from schemas import StoredClaim


def families(claims: Iterable[StoredClaim]) -> tuple[dict[str, str], dict[str, str]]:
    """The family of each claim that can make a deal, and of each key. A family is called by its least claim id."""
    root: dict[str, str] = {}

    def find(one: str) -> str:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    of_key: dict[str, str] = {}
    members: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        for key in keys_of(claim):
            members[claim.claim_id].append(key)
            root.setdefault(claim.claim_id, claim.claim_id)
            first = of_key.setdefault(key, claim.claim_id)
            one, other = sorted((find(first), find(claim.claim_id)))
            root[other] = one
    of_claim = {claim_id: find(claim_id) for claim_id in members}
    return of_claim, {key: find(claim_id) for key, claim_id in of_key.items()}
