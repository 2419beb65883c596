"""Many feeds of which 10 % fail, 5 % hang and 1 % are hostile. In full size: `python -m benchmarks.poll.crowd`."""

import pytest

from benchmarks.poll import crowd


@pytest.mark.xdist_group("hostile")
def test_a_round_among_bad_feeds_ends_in_time_and_stores_all_good_ones() -> None:
    found = crowd.play(400, seconds=3)
    assert (found.stored, found.good_failed) == (found.good * crowd.ENTRIES, 0)
    assert sum(found.statuses.values()) == found.feeds
    assert found.statuses["gone"] == 8
    assert found.seconds < 60
