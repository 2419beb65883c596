"""The catalogue and what a user adds to it."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from extractors import builtin, catalog, chip_names, company_names, model_names, resolve
from extractors.catalog import Additions, Company, Family
from extractors.companies import companies  # noqa: F401 — registers the extractor
from extractors.run import extract
from schemas import CompanyMention

MINE = Additions(
    companies=(Company("qlyra", ("qlyra.ai",), ("Q-L",)), Company("Alphabet", ("Google",), kind="mine")),
    chips=(Family("qlyra", "Q", r"Q(\d)-core", "qlyra Q{1}", "", "Q", "the user"),),
    models=(Family("qlyra", "Qlyr", r"Qlyr-\d", "{0}", "", "Q", "the user"),),
)


@pytest.fixture
def mine() -> Iterator[None]:
    catalog.extend(MINE)
    yield
    catalog.extend(Additions())


def names(text: str) -> list[str]:
    return [one.name for one in company_names.find(text)]


@pytest.mark.usefixtures("mine")
def test_added_names_are_found() -> None:
    assert names("Last week qlyra bought servers.") == ["qlyra"]
    assert names("Last week qlyra.ai bought servers.") == ["qlyra"]
    assert [one.name for one in chip_names.find("the Q7-core is out")] == ["qlyra Q7"]
    assert [one.name for one in model_names.find("they trained Qlyr-2 on it")] == ["Qlyr-2"]


@pytest.mark.usefixtures("mine")
def test_a_users_entry_takes_the_place_of_ours() -> None:
    assert names("It was Google that paid.") == ["Alphabet"]
    assert resolve.company_id("Google") == "alphabet"
    rows = {row["company_id"]: row for row in catalog.company_rows()}
    assert rows["alphabet"]["kind"] == "mine"
    assert "google" not in rows


def test_what_was_added_is_forgotten_when_it_is_taken_back() -> None:
    catalog.extend(MINE)
    catalog.extend(Additions())
    assert names("Last week qlyra bought servers.") == []
    assert resolve.canonical("Google") == "Google"


def test_versions_tell_that_names_were_added_and_to_whom_it_matters() -> None:
    plain = {one.name: one.version for one in builtin.extractors()}
    catalog.extend(MINE)
    try:
        marked = {one.name: one.version for one in builtin.extractors()}
    finally:
        catalog.extend(Additions())
    for name in ("chips", "models", "companies", "deals"):
        assert marked[name] == f"{plain[name]}+{MINE.mark}"
    for name in ("money", "capacity"):
        assert marked[name] == plain[name]
    assert {one.name: one.version for one in builtin.extractors()} == plain


def test_additions_can_be_handed_to_other_processes() -> None:
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=catalog.extend, initargs=(MINE,)) as pool:
        assert pool.submit(resolve.company_id, "Google").result() == "alphabet"
    assert resolve.company_id("Google") == "google"


def test_the_mark_tells_additions_apart() -> None:
    assert Additions().mark == ""
    assert MINE.mark != MINE._replace(chips=()).mark


@pytest.mark.parametrize(
    "text",
    [
        "Last week chipmaker Quellon Photonics raised $5 million.",
        "Last week chipmaker Quellon Photonics Inc. raised $5 million.",
        "Last week chipmaker Quellon Photonics, Inc. raised $5 million.",
        "Last week chipmaker QUELLON PHOTONICS raised $5 million.",
        "Last week chipmaker Quellon Photonics GmbH raised $5 million.",
    ],
)
def test_an_unknown_company_has_one_id_however_it_is_written(text: str) -> None:
    (outcomes,) = extract([text], encoder=False)
    found = [record for one in outcomes for record in one.records if isinstance(record, CompanyMention)]
    assert [(one.company_id, one.known) for one in found] == [("quellon-photonics", False)]


@pytest.mark.parametrize("name", ["Acme Robotics", "ACME ROBOTICS", "Acme Robotics Ltd.", "Acme  Robotics, Inc."])
def test_ids_leave_case_and_legal_forms_out(name: str) -> None:
    assert resolve.company_id(name) == "acme-robotics"


@pytest.mark.parametrize("name", ["OpenAI", "Intel", "Nike", "Micron", "LG"])
def test_plain_names_count_wherever_they_stand(name: str) -> None:
    assert names(f"{name} again.") == [name]


@pytest.mark.parametrize("text", ["Apple pie is nice.", "Meta tags are read.", "Target practice again."])
def test_names_that_are_words_need_more(text: str) -> None:
    assert names(text) == []
