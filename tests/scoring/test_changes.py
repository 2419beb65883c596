"""Two versions: what became right, what became wrong, and where."""

from dealwire import scoring
from tests.scoring.sample import document

MENTIONS = document()["mentions"]


def test_what_only_one_version_gets_wrong_is_a_change() -> None:
    gold = [document(), document(id="b"), document(id="c")]
    before = [document(mentions=MENTIONS[1:]), document(id="b"), document(id="c", deals=[])]
    after = [document(), document(id="b", mentions=MENTIONS[:3]), document(id="c", deals=[])]
    changed = scoring.changes(scoring.compare(gold, before), scoring.compare(gold, after))
    assert [(one.document, one.what, str(one.shown)[:8]) for one in changed.better] == [("a", "missed", "[Acme] b")]
    assert [(one.document, one.what, str(one.shown)[-15:]) for one in changed.worse] == [
        ("b", "missed", "[Acme] said so.")
    ]
    assert (changed.better_documents, changed.worse_documents) == (["a"], ["b"])


def test_the_same_predictions_change_nothing() -> None:
    report = scoring.compare([document()], [document(deals=[])])
    told = scoring.changes(report, report).as_json(errors=5)
    assert told["right_to_wrong"] == told["wrong_to_right"] == {}
    assert {value for rows in told["f1_difference"].values() for value in rows.values()} == {0}


def test_figures_differ_by_label() -> None:
    gold = [document()]
    before, after = scoring.compare(gold, [document(deals=[])]), scoring.compare(gold, [document()])
    changed = scoring.changes(before, after)
    assert changed.f1()["deal"]["sides"] == (0, 1)
    assert changed.f1()["mention"]["COMPANY"] == (1, 1)
    assert changed.as_json(errors=1)["wrong_to_right"]["deal amount"]["count"] == 1
