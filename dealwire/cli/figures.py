"""The figures of `dealwire eval` as tables for a terminal."""

from collections.abc import Callable, Iterator, Mapping

from dealwire.scoring import Changes, Confusions, Reliability, Report
from dealwire.scoring.changes import by_sort
from dealwire.scoring.confusion import SORTS
from dealwire.scoring.records import RecordReport
from dealwire.scoring.report import Mistake, Place

Paint = Callable[[str], str]
"""Makes a span stand out."""
_TITLES = {
    "mention": "mentions, exact span and label",
    "document": "documents, distinct values",
    "deal": "deals",
    "deal_sides_by_kind": "deals by kind (sides)",
}


def of_report(report: Report) -> Iterator[str]:
    """Precision, recall and F1 at each level."""
    figures = report.as_json()
    yield f"documents: {report.documents}"
    yield ""
    for level, title in _TITLES.items():
        yield f"{title:<32} precision  recall      F1   right  spurious  missed"
        for label, row in figures[level].items():
            yield (
                f"  {label:<30} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1']:7.3f} "
                f"{row['tp']:7d} {row['fp']:9d} {row['fn']:7d}"
            )
        yield ""
    yield f"status right in {report.status_right} of {report.status_of} deals whose sides agree"
    yield f"documents without deals: {report.quiet}, of which {report.quiet_with_deals} got one"


def of_confusions(found: Confusions) -> Iterator[str]:
    """What became of each label's mentions; a `right` one has span, label and value."""
    yield ""
    yield f"{'what became of mentions':<24}" + "".join(f"{sort:>13}" for sort in SORTS)
    for label, counts in found.counts.items():
        yield f"  {label:<22}" + "".join(f"{counts[sort]:13d}" for sort in SORTS)
    for (real, read), count in found.read_as.most_common():
        yield f"  {real} read as {read}: {count}"


def of_errors(report: Report, found: Confusions, errors: int, paint: Paint) -> Iterator[str]:
    """Up to `errors` cases of each sort, with what stands around them."""
    for (label, sort), cases in found.cases_by_sort().items():
        yield ""
        yield f"{label}, {sort}: {len(cases)}"
        for case in cases[:errors]:
            instead = f"  found: {case.found}" if case.found else ""
            yield f"  {case.document}  {_painted(case.place, paint)}{instead}"
    for (level, label, what), mistakes in report.mistakes_by_sort().items():
        if level == "mention":
            continue
        yield ""
        yield f"{level} {label}, {what}: {len(mistakes)}"
        yield from (f"  {one.document}  {_painted(one.shown, paint)}" for one in mistakes[:errors])


def of_changes(changed: Changes, name: str, errors: int, paint: Paint) -> Iterator[str]:
    """Two versions side by side; `name` is the earlier one's."""
    yield ""
    yield f"compared with {name}"
    before, after = changed.before.as_json(), changed.after.as_json()
    nothing: Mapping[str, float] = {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    for level, rows in changed.f1().items():
        yield ""
        yield f"{_TITLES[level]:<32}        before                 now"
        yield f"{'':<32}" + 2 * "   prec    rec     F1" + "    F1 by"
        for label, (old, new) in rows.items():
            both = (before[level].get(label, nothing), after[level].get(label, nothing))
            cells = "".join(f"{row[part]:7.3f}" for row in both for part in ("precision", "recall", "f1"))
            yield f"  {label:<30}{cells}  {f'{new - old:+.3f}' if new != old else '=':>7}"
    yield ""
    worse, better = changed.worse_documents, changed.better_documents
    yield f"documents with more mistakes now: {len(worse)}{_listed(worse)}"
    yield f"documents with fewer: {len(better)}{_listed(better)}"
    for title, mistakes in (("right → wrong", changed.worse), ("wrong → right", changed.better)):
        for (level, label), found in by_sort(mistakes).items():
            yield f"{title}: {level} {label} {len(found)}"
            for one in found[:errors]:
                yield f"  {one.document}  {one.what}  {_painted(one.shown, paint)}"


def of_reliability(found: Reliability) -> Iterator[str]:
    """How sure the deals are told, and how many are right."""
    yield ""
    if found.bins:
        yield "confidence     deals    mean   right"
        for one in found.bins:
            yield f"{one.low:.1f} to {one.high:.1f}  {one.deals:8d} {one.confidence:7.3f} {one.right:7.3f}"
        yield f"expected calibration error {found.error:.3f} (deals with the right kind and sides count as right)"
    else:
        yield "no deal is told with a confidence"
    if found.silent:
        yield f"{found.silent} deals are told without a confidence"


def of_records(report: RecordReport, errors: int, paint: Paint) -> Iterator[str]:
    """How well one extractor does, and up to `errors` mistakes of each sort."""
    figures = report.as_json()
    yield f"documents: {report.documents}"
    yield ""
    yield f"{'records':<32} precision  recall      F1   right  spurious  missed"
    for title, row in (("exact span", figures["span"]), ("and every field", figures["record"])):
        yield (
            f"  {title:<30} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1']:7.3f} "
            f"{row['tp']:7d} {row['fp']:9d} {row['fn']:7d}"
        )
    for name, row in figures["fields"].items():
        yield f"  {name}: right in {row['right']} of {row['of']} with the right span"
    for (label, what), mistakes in _mistakes(report).items():
        if errors:
            yield ""
            yield f"{label}, {what}: {len(mistakes)}"
            yield from (f"  {one.document}  {_painted(one.shown, paint)}" for one in mistakes[:errors])


def _mistakes(report: RecordReport) -> dict[tuple[str, str], list[Mistake]]:
    sorts: dict[tuple[str, str], list[Mistake]] = {}
    for one in report.mistakes:
        sorts.setdefault((one.label, one.what), []).append(one)
    return sorts


def _listed(names: list[str]) -> str:
    return f" ({', '.join(names[:12])}{', …' if len(names) > 12 else ''})" if names else ""


def _painted(shown: Place | str, paint: Paint) -> str:
    if isinstance(shown, Place):
        return f"{shown.before}[{paint(shown.span)}]{shown.after}"
    return shown
