"""What became of each annotated mention is told by its sort."""

from collections import Counter
from typing import Any

import pytest

from dealwire import scoring
from tests.scoring.sample import document

ACME, ZETA, MONEY, ACME_AGAIN = document()["mentions"]


@pytest.mark.parametrize(
    ("found", "sort"),
    [
        ({"end": 9}, "too long"),
        ({"end": 3}, "too short"),
        ({"start": 2, "end": 9}, "shifted"),
        ({"entity": "Zeta"}, "wrong value"),
        ({"label": "CHIP"}, "other label"),
        ({"start": 5, "end": 9}, "missed"),
        ({}, "right"),
    ],
)
def test_each_mistake_has_its_sort(found: dict[str, Any], sort: str) -> None:
    mine = document(mentions=[ACME | found, ZETA, MONEY, ACME_AGAIN])
    told = scoring.confusions([document()], [mine])
    assert told.counts["COMPANY"] == Counter(["right", "right", sort, *(["spurious"] if sort == "missed" else [])])
    assert told.read_as == ({("COMPANY", "CHIP"): 1} if sort == "other label" else {})


def test_one_span_over_two_mentions_answers_one_of_them() -> None:
    mine = document(mentions=[ACME | {"end": 14}, MONEY, ACME_AGAIN])
    told = scoring.confusions([document()], [mine])
    assert (told.counts["COMPANY"]["too long"], told.counts["COMPANY"]["missed"]) == (1, 1)


def test_every_case_is_shown_with_what_was_found_instead() -> None:
    mine = document(mentions=[ACME, ZETA, MONEY | {"max": 6e6}, ACME_AGAIN])
    (case,) = scoring.confusions([document()], [mine]).cases
    assert str(case.place) == "Acme buys Zeta for [$5 million]. Acme said so."
    assert case.found == "MONEY '$5 million' USD 5,000,000 6,000,000"


def test_counts_add_up_to_the_mentions_of_the_figures() -> None:
    gold = [document(), document(id="b")]
    mine = [document(mentions=[ACME | {"end": 9}, ZETA | {"label": "MODEL"}]), document(id="b", mentions=[])]
    told, report = scoring.confusions(gold, mine), scoring.compare(gold, mine)
    for label, tally in report.mentions.items():
        counts = told.counts[label]
        assert counts["right"] + counts["wrong value"] == tally.right
        assert sum(counts.values()) - counts["spurious"] == tally.right + tally.missed
