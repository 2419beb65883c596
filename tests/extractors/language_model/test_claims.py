"""What a model tells becomes claims where the article bears it out, and nothing otherwise."""

from decimal import Decimal
from typing import Any

import pytest

from extractors import builtin, language_model, parcels, registry, run
from extractors.language_model.verbatim import Verbatim
from schemas import DealClaim, DealKind, DealStatus, Record
from schemas.errors import ExtractorRefused, PrefectUnavailable
from tests.extractors.language_model.conftest import Model, Read

TEXT = """Nvidia backs Quorfle Robotics

Nvidia will put up to $1.2bn into Quorfle Robotics Inc., the two said on Monday. “It is a start,” said Oracle’s chief \
executive, who was not involved. Under a five-year contract, Quorfle Robotics rents 300 megawatts from Oracle.
"""
INVESTMENT = {
    "kind": "investment",
    "status": "announced",
    "payers": ["Nvidia"],
    "payees": ["Quorfle Robotics Inc."],
    "amount": "up to $1.2bn",
    "evidence": "Nvidia will put up to $1.2bn into Quorfle Robotics Inc., the two said on Monday.",
}
LEASE = {
    "kind": "Purchase",
    "payers": "Quorfle Robotics",
    "payees": ["Oracle"],
    "parties": None,
    "amount": "undisclosed",
    "capacity": "300 megawatts",
    "evidence": "Under a five-year contract, Quorfle Robotics rents 300 megawatts from Oracle",
    "remark": "nobody asked for this",
}


class Word(Record):
    text: str


def claims(read: Read, text: str = TEXT) -> list[DealClaim]:
    (outcome,) = read(text)
    assert outcome.error is None, outcome.error
    assert outcome.extractor.name == "language_model"
    assert outcome.extractor.table == "deal_claims"
    return [one for one in outcome.records if isinstance(one, DealClaim)]


def test_a_right_answer_becomes_claims_like_those_of_deals(model: Model, read: Read) -> None:
    model.tells(INVESTMENT, LEASE)
    first, second = claims(read)
    assert (first.kind, first.status, first.payers, first.payees) == (
        DealKind.INVESTMENT,
        DealStatus.ANNOUNCED,
        ("NVIDIA",),
        ("Quorfle Robotics",),
    )
    # Figures are read by dealwire from the words that the model points at.
    assert (first.currency, first.amount_min, first.amount_max) == ("USD", None, Decimal(1_200_000_000))
    assert TEXT[first.start : first.end] == INVESTMENT["evidence"]
    assert (second.kind, second.capacity_mw_max, second.years, second.currency) == (DealKind.PURCHASE, 300, 5, None)
    assert TEXT[second.start : second.end].endswith("megawatts from Oracle.")


def test_the_question_holds_model_article_and_parameters(model: Model, read: Read) -> None:
    model.tells()
    assert claims(read) == []
    ((path, headers, asked),) = model.asked
    assert path == "/v1/chat/completions"
    assert "authorization" not in headers
    assert (asked["model"], asked["temperature"]) == ("tiny", 0)
    assert TEXT in asked["messages"][-1]["content"]


@pytest.mark.parametrize(
    "changed",
    [
        {"payers": ["Invented Capital"]},
        {"payers": ["Nvid"]},
        {"payers": ["the two"]},
        {"payers": []},
        {"payers": ["Quorfle Robotics"]},
        {"amount": "$1.3bn"},
        {"capacity": "2 gigawatts"},
        {"evidence": "Nvidia will put some money into Quorfle Robotics Inc., the two said on Monday."},
        {"evidence": "Nvidia"},
        {"evidence": TEXT},
        {"kind": "partnership", "payers": [], "payees": [], "parties": ["Nvidia"]},
        {"kind": "gift"},
    ],
    ids=str,
)
def test_what_the_article_does_not_bear_out_is_dropped_and_the_rest_stays(
    model: Model, read: Read, changed: dict[str, Any]
) -> None:
    model.tells(INVESTMENT | changed, LEASE)
    assert [one.kind for one in claims(read)] == [DealKind.PURCHASE]


def test_evidence_may_differ_in_quotation_marks_and_blanks(model: Model, read: Read) -> None:
    evidence = '"It is  a start,"\nsaid Oracle\'s chief executive, who was not involved.'
    model.tells({"kind": "partnership", "parties": ["Nvidia", "Oracle"], "evidence": evidence})
    (found,) = claims(read)
    assert TEXT[found.start : found.end].startswith("“It is a start,” said Oracle’s chief")
    assert found.parties == ("NVIDIA", "Oracle")


def test_a_repeated_deal_is_told_once(model: Model, read: Read) -> None:
    model.tells(INVESTMENT, INVESTMENT | {"amount": None, "evidence": "Nvidia backs Quorfle Robotics"})
    (found,) = claims(read)
    assert found.quoted == "$1.2bn"


@pytest.mark.parametrize("text", ["It costs $5 million here.", "Nvidia spoke. Nvidia spoke again.", ""], ids=str)
def test_an_article_that_cannot_tell_of_a_deal_is_not_asked_about(model: Model, read: Read, text: str) -> None:
    assert claims(read, text) == []
    assert model.asked == []


def test_no_more_of_a_text_is_sent_than_the_settings_say(model: Model, read: Read) -> None:
    model.tells()
    read(TEXT + "and so on " * 5000, longest_text=1000)
    assert len(model.asked[0][2]["messages"][-1]["content"]) < 1100


def test_without_settings_there_is_no_such_extractor() -> None:
    assert language_model.asked_for() is None
    assert language_model.NAME not in [one.name for one in builtin.extractors()]


def test_its_name_is_not_to_be_had() -> None:
    with pytest.raises(ExtractorRefused, match="come along"):
        registry.extractor("language_model", version="1", record=DealClaim, table="mine")(lambda doc: ())


def test_an_error_that_may_pass_puts_an_extractor_off_and_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))

    def asks(doc: object) -> list[Word]:
        raise PrefectUnavailable("its service is down")

    def builds(doc: object) -> list[Word]:
        return []

    registry.extractor("asks", version="1", record=Word)(asks)
    registry.extractor("builds", version="1", record=Word, requires=["asks"])(builds)
    (found,) = run.extract(["A text."], using=[registry.get("asks"), registry.get("builds")], encoder=False)
    assert [one.later for one in found] == [True, True]
    assert "its service is down" in str(found[0].error)
    assert parcels.unpack(parcels.pack(found), [one.extractor for one in found]) == found


def test_another_model_or_question_is_another_version(options: language_model.Options) -> None:
    def version(**changed: Any) -> str:
        language_model.use(options.model_copy(update=changed))
        return builtin.extractors()[-1].version

    assert version() == version(answer_seconds=1, requests_a_day=3, cache="elsewhere")
    assert len({version(), version(model="large"), version(parameters={"seed": 1})}) == 3


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("a\u00a0 b — “c”", 'a b - "c"', ["a\u00a0 b — “c”"]),
        ("Arm, Army, Arm", "Arm", ["Arm", "Arm"]),
        ("up to $5", "to  $5", ["to $5"]),
        ("🤝 x", "x", ["x"]),
        ("ab", "", []),
        ("  ab  ", "ab", ["ab"]),
    ],
)
def test_words_are_found_where_they_stand(text: str, words: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in Verbatim(text).places(words)] == found
