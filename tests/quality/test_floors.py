"""Extraction quality does not fall below the floors in `floors.toml`."""

import pytest

from tests.quality import __main__ as table
from tests.quality.figures import DEV, FLOORS, HERE, fallen, gold, reached
from training import markup


def test_the_blind_documents_are_annotated_as_the_guidelines_say() -> None:
    texts = [path.read_text("utf-8") for path in sorted((HERE / "blind").glob("*.txt"))]
    documents = [one for text in texts for one in markup.parse(text)]
    assert len(documents) >= 60
    assert sum(not one["deals"] for one in documents) >= 10


@pytest.mark.parametrize("name", FLOORS)
def test_no_figure_is_below_its_floor(name: str) -> None:
    given = gold(name)
    if given is None:
        pytest.skip(f"{DEV.name} is not beside the project")
    assert not fallen(name, reached(given))


def test_the_catalogue_can_be_switched_off() -> None:
    given = gold("blind")
    assert given is not None
    some = given._replace(documents=given.documents[:12])
    with_, without = reached(some, encoder=False), reached(some, encoder=False, catalogue=False)
    assert without["CHIP"] < with_["CHIP"]
    assert without["COMPANY"] < with_["COMPANY"]
    assert without["MONEY"] == with_["MONEY"]


def test_the_table_tells_what_fell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "FLOORS", {"blind": dict.fromkeys(FLOORS["blind"], 0.5)})
    monkeypatch.setattr(table, "gold", lambda name: name)
    monkeypatch.setattr(
        table, "reached", lambda given, **switches: dict.fromkeys(FLOORS["blind"], 0.75) | {"CHIP": 0.4}
    )
    monkeypatch.setattr(table, "fallen", lambda name, figures: {"CHIP": "0.400 < 0.5"})
    with pytest.raises(SystemExit) as stopped:
        table.main()
    assert stopped.value.code == 1
    assert "CHIP fell: 0.400 < 0.5" in capsys.readouterr().out
