"""Where the companies of a map stand: pushed apart by each other, pulled together by their deals.

Laid out here and not in the browser: the same map looks the same each time, stands still while its years are played,
and nobody's telephone gets warm of it.
"""

from collections.abc import Sequence

import numpy as np

_ROUNDS = 140
_WIDER = 1.45
"""Maps are wider than high."""


def layout(sizes: Sequence[float], pairs: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """A place for each node, given the diameters of all in pixels and which ones are tied. Around (0, 0), in pixels."""
    count = len(sizes)
    if count < 2:
        return [(0.0, 0.0)] * count
    radii = np.asarray(sizes, float) / 2
    # A sunflower: no two start at one place, and the first, the largest, in the middle.
    turn, far = np.arange(count) * 2.399963, 40 * np.sqrt(np.arange(count))
    at = np.stack([np.cos(turn) * far, np.sin(turn) * far], axis=1)
    ends = np.asarray(sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}), int).reshape(-1, 2)
    # Labels need room, too.
    apart = radii[:, None] + radii[None, :] + 34
    for round_ in range(_ROUNDS):
        between = at[:, None, :] - at[None, :, :]
        distance = np.maximum(np.hypot(between[..., 0], between[..., 1]), 0.1)
        push = apart**2 / distance**2 * 1.3
        np.fill_diagonal(push, 0)
        force = (between / distance[..., None] * push[..., None]).sum(axis=1)
        if len(ends):
            one, other = ends[:, 0], ends[:, 1]
            along = at[other] - at[one]
            pull = along * (np.maximum(np.hypot(along[:, 0], along[:, 1]) - apart[one, other], 0) / 900)[:, None]
            np.add.at(force, one, pull)
            np.add.at(force, other, -pull)
        # Towards the middle, so that what is tied to nothing stays in sight.
        force -= at * 0.035
        step = 30 * (1 - round_ / _ROUNDS) + 0.5
        length = np.maximum(np.hypot(force[:, 0], force[:, 1]), 0.01)
        at += force / length[:, None] * np.minimum(length, step)[:, None]
    at -= at.mean(axis=0)
    return [(round(float(x) * _WIDER, 1), round(float(y), 1)) for x, y in at]
