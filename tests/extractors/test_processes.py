"""Several processes read what one would have read, in the same order; one that dies costs its text."""

import importlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractors import builtin, parcels, processes, registry, run
from extractors.limits import Limits
from extractors.processes import Readers
from extractors.registry import Extractor
from extractors.run import Outcome
from schemas.errors import ProcessesUnusable

TEXTS = [
    f"Nvidia paid Oracle ${n + 1} million for {n + 2},000 H100s 🤝, the companies said. It runs Claude Sonnet 4.{n}."
    for n in range(12)
]


@pytest.fixture
def using(monkeypatch: pytest.MonkeyPatch) -> tuple[Extractor, ...]:
    """The built-in extractors and the odd one, which is forgotten after the test."""
    builtin.extractors()
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    sys.modules.pop("tests.extractors.odd", None)
    importlib.import_module("tests.extractors.odd")
    return builtin.extractors()


def told(found: Sequence[Outcome]) -> list[Any]:
    """What was found, without what differs from process to process."""
    return [
        (one.extractor.name, [record.model_dump(exclude={"process"}) for record in one.records], one.error)
        for one in found
    ]


def home(found: Sequence[Outcome]) -> int:
    """The process that read the text."""
    return int(found[-1].records[0].process)  # type: ignore[attr-defined]


def gone(process: int) -> bool:
    for _ in range(50):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


# Below, the first test alone asks the encoder, whose weights each process has to load.
def test_two_processes_find_what_one_finds_in_the_same_order(using: tuple[Extractor, ...]) -> None:
    alone = list(run.extract(TEXTS, using=using))
    with Readers(processes=2, using=using) as readers:
        shared = [*readers.extract(TEXTS[:7]), *readers.extract(TEXTS[7:])]
    assert list(map(told, shared)) == list(map(told, alone))
    homes = set(map(home, shared))
    assert os.getpid() not in homes
    assert len(homes) <= 2
    assert all(map(gone, homes))


def test_a_process_that_dies_costs_its_text_and_nothing_else(using: tuple[Extractor, ...]) -> None:
    texts = [*TEXTS[:3], "Nvidia will die here.", *TEXTS[3:6], "Nvidia will fail here.", *TEXTS[6:]]
    with Readers(processes=2, using=using, encoder=False) as readers:
        found = list(readers.extract(texts))
    assert len(found) == len(texts)
    errors = [one.error for one in found.pop(3)]
    assert errors[:-1] == [None] * (len(errors) - 1)
    assert errors[-1] == (
        "the process that ran it on this article was killed by SIGKILL, perhaps for want of memory; the others go on"
    )
    (failed,) = [one for one in found.pop(6) if one.error]
    assert (failed.extractor.name, "as the text asks" in str(failed.error)) == ("odd", True)
    assert list(map(told, found)) == list(map(told, run.extract(TEXTS, using=using, encoder=False)))


def test_one_that_hangs_where_no_alarm_is_heard_is_ended_with_its_process(
    using: tuple[Extractor, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_SECONDS", 0.2)
    texts = [*TEXTS[:2], "Nvidia will hang here, and paid $3 million.", *TEXTS[2:4]]
    few = [one for one in using if one.name in ("money", "odd")]
    with Readers(processes=2, using=few, limits=Limits(0.5, 0)) as readers:
        found = list(readers.extract(texts))
    told = "the process that ran it on this article was ended after 0.5 s; the others go on"
    assert [odd.error for _, odd in found] == [None, None, told, None, None]
    assert all(len(money.records) == 1 for money, _ in found)


def test_limits_hold_in_a_thread_because_another_process_reads(using: tuple[Extractor, ...]) -> None:
    found: list[Any] = []

    def work() -> None:
        few = [one for one in using if one.name == "odd"]
        with Readers(processes=1, using=few, limits=Limits(0.5, 0)) as readers:
            found.extend(readers.extract(["Nvidia will sleep here."]))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    ((odd,),) = found
    assert "it took more than 0.5 s on this article" in odd.error


def test_a_slow_extractor_gets_help_after_a_few_texts_and_a_fast_one_does_not(
    using: tuple[Extractor, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(processes, "_TRIED", 3)
    monkeypatch.setattr(registry, "_registered", {"odd": replace(using[-1], requires=())})
    for worth, here in ((0.0, 3), (1000.0, 6)):
        monkeypatch.setattr(processes, "WORTH_SECONDS", worth)
        with Readers(using=registry.registered(), expected=6) as readers:
            homes = [home(one) == os.getpid() for one in readers.extract(TEXTS[:6])]
        assert homes.count(True) == here


def test_some_of_the_extractors_may_be_asked_and_some_excused(using: tuple[Extractor, ...]) -> None:
    with Readers(processes=2, using=using, encoder=False) as readers:
        ((money,),) = readers.extract(TEXTS[:1], ["money"])
        readers.excuse("money", "enough of it")
        (others,) = readers.extract(TEXTS[:1], ["money", "companies", "capacity"])
    assert (money.extractor.name, money.error, len(money.records)) == ("money", None, 1)
    assert [str(one.error) for one in others] == [
        "enough of it", "None", "not run, because money failed on this article"
    ]  # fmt: skip


def test_texts_that_are_left_unread_hold_nothing_up(using: tuple[Extractor, ...]) -> None:
    with Readers(processes=2, using=using, encoder=False) as readers:
        stream = readers.extract(text for n in range(1000) for text in TEXTS)
        process = home(next(stream))
    assert gone(process)


@pytest.mark.parametrize("expected", [None, len(TEXTS), 10_000])
def test_few_texts_are_read_in_this_process(
    using: tuple[Extractor, ...], expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "WORTH", {True: 100, False: 100})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Readers(using=using, expected=expected, encoder=False) as readers:
        homes = set(map(home, readers.extract(TEXTS)))
    assert (homes == {os.getpid()}) is (expected != 10_000)


def test_others_help_when_more_texts_come_than_one_should_read(
    using: tuple[Extractor, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "WORTH", {True: 5, False: 5})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Readers(using=using, encoder=False) as readers:
        homes = [home(one) == os.getpid() for one in readers.extract(TEXTS)]
    assert homes == [True] * 5 + [False] * 7


def test_an_extractor_of_a_file_that_is_on_no_path_goes_along(
    using: tuple[Extractor, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere.py").write_text(
        "from dealwire import Record, extractor\n"
        "class Letters(Record):\n    count: int\n"
        "@extractor('letters', version='1', record=Letters)\n"
        "def letters(doc):\n    yield Letters(start=0, end=1, count=len(doc.text))\n"
    )
    spec = importlib.util.spec_from_file_location("elsewhere", tmp_path / "elsewhere.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    spec.loader.exec_module(module)
    with Readers(processes=2, using=builtin.extractors(), encoder=False) as readers:
        (found,) = readers.extract(TEXTS[:1])
    (letters,) = [one for one in found if one.extractor.name == "letters"]
    assert [one.count for one in letters.records] == [len(TEXTS[0])]  # type: ignore[attr-defined]


def test_an_extractor_that_no_other_process_could_find_keeps_the_work_here(using: tuple[Extractor, ...]) -> None:
    def local(doc: Any) -> list[Any]:
        return []

    inside = Extractor("local", "1", using[0].record, "local", local)
    with Readers(processes=2, using=(*using[:-1], inside, using[-1]), encoder=False) as readers:
        assert set(map(home, readers.extract(TEXTS[:2]))) == {os.getpid()}


def test_processes_that_do_not_start_are_told_where_they_were_asked_for(
    using: tuple[Extractor, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with (
        Readers(processes=2, using=using, encoder=False) as readers,
        pytest.raises(ProcessesUnusable, match="`processes = 1`"),
    ):
        list(readers.extract(TEXTS))
    monkeypatch.setattr(processes, "WORTH", {True: 1, False: 1})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with Readers(using=using, encoder=False) as readers:
        assert set(map(home, readers.extract(TEXTS))) == {os.getpid()}


def test_a_process_that_cannot_import_an_extractor_says_why(
    using: tuple[Extractor, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.py").write_text("raise RuntimeError('not twice')\n")
    monkeypatch.setattr(sys.modules["tests.extractors.odd"], "__file__", str(tmp_path / "odd.py"))
    with (
        Readers(processes=2, using=using, encoder=False) as readers,
        pytest.raises(ProcessesUnusable, match="RuntimeError: not twice"),
    ):
        list(readers.extract(TEXTS))


def test_records_come_back_as_they_were(using: tuple[Extractor, ...]) -> None:
    (outcomes,) = run.extract([TEXTS[0]], using=using)
    assert parcels.unpack(parcels.pack(outcomes), using) == outcomes


def test_records_that_cannot_be_sent_are_an_error_of_their_extractor(using: tuple[Extractor, ...]) -> None:
    (outcomes,) = run.extract([TEXTS[0]], using=using)
    broken = outcomes[-1].records[0].model_copy(update={"share": float("nan")})
    back = parcels.unpack(parcels.pack((*outcomes[:-1], outcomes[-1]._replace(records=(broken,)))), using)
    assert back[:-1] == outcomes[:-1]
    assert back[-1].records == ()
    assert back[-1].error
