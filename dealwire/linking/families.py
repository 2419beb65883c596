"""Families: claims that have a key in common, themselves or through others. Only they can be claims of one deal."""

from collections.abc import Collection, Iterable

from dealwire.linking.groups import groups


def families(told: Iterable[tuple[Collection[str], Iterable[str]]]) -> tuple[dict[str, str], dict[str, str]]:
    """The family of each claim, and of each key. A family is called by its least claim id.

    `told`: ids of claims that are known to be of one family, such as those of a deal, each with all keys of these.
    """
    least_of: dict[str, str] = {}
    of_key: dict[str, str] = {}
    ties: list[tuple[str, str]] = []
    for claims, keys in told:
        least = min(claims)
        least_of |= dict.fromkeys(claims, least)
        ties += ((of_key.setdefault(key, least), least) for key in keys)
    found = groups(least_of.values(), ties)
    return (
        {claim_id: found[least] for claim_id, least in least_of.items()},
        {key: found[least] for key, least in of_key.items()},
    )
