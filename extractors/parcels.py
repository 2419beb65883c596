"""Outcomes as bytes, for the way between processes: records travel as JSON, each list by its record class."""

import json
from collections.abc import Sequence
from functools import cache
from typing import IO

from pydantic import TypeAdapter

from extractors.registry import Extractor
from extractors.run import Outcome, last_lines
from schemas.record import Record

_SIZE = 8
"""Bytes that say how long the parcel behind them is."""


def send(stream: IO[bytes], parcel: bytes) -> None:
    """Write one parcel."""
    stream.write(len(parcel).to_bytes(_SIZE, "big"))
    stream.write(parcel)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next parcel; None where the stream ends, in the middle of one or before."""
    head = stream.read(_SIZE)
    if len(head) < _SIZE:
        return None
    size = int.from_bytes(head, "big")
    parcel = stream.read(size)
    return parcel if len(parcel) == size else None


def pack(outcomes: Sequence[Outcome]) -> bytes:
    """A line that tells of each outcome its error, seconds, whether it was skipped or put off, and the size of its
    records; then these."""
    told: list[tuple[str | None, float, bool, bool, int]] = []
    bodies: list[bytes] = []
    for one in outcomes:
        error = one.error
        try:
            body = _records(one.extractor.record).dump_json(one.records)
        except Exception:  # a field of a custom record may be anything
            body, error = b"[]", last_lines()
        bodies.append(body)
        told.append((error, one.seconds, one.skipped, one.later, len(body)))
    return b"".join([json.dumps(told).encode(), b"\n", *bodies])


def unpack(parcel: bytes, using: Sequence[Extractor]) -> tuple[Outcome, ...]:
    """The outcomes of a parcel, one for each extractor in `using`; records that cannot be read back are an error."""
    head, _, rest = parcel.partition(b"\n")
    outcomes = []
    at = 0
    for one, (error, seconds, skipped, later, size) in zip(using, json.loads(head), strict=True):
        try:
            records = _records(one.record).validate_json(rest[at : at + size])
        except ValueError:
            records, error = (), last_lines()
        at += size
        outcomes.append(Outcome(one, records, error, seconds, skipped, later))
    return tuple(outcomes)


@cache
def _records(record: type[Record]) -> TypeAdapter[tuple[Record, ...]]:
    return TypeAdapter(tuple[record, ...])  # type: ignore[valid-type]
