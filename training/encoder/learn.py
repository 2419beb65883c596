"""What both trainings of deals share: their arguments, and the way over the windows."""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from extractors.encoder.pieces import Window
from training.encoder.examples import Paired
from training.encoder.train import descend, steps
from training.encoder.windows import DEAF, batches, deafened, pool, renamed

Loss = Callable[[list[Window], list[Paired], list[int]], Tensor]
"""Of windows with their companies renamed, what is right in them, and their numbers among all."""


def begun(parser: argparse.ArgumentParser, *, epochs: int) -> argparse.Namespace:
    """The arguments, with those that all trainings of deals have; threads and seed are set."""
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--core", type=Path, help="CORE's training part as JSON lines, to learn from beside")
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    return options


def learn(
    pairs: Sequence[Paired],
    groups: Iterable[dict[str, Any]],
    options: argparse.Namespace,
    loss: Loss,
    save: Callable[[], None],
) -> None:
    """All windows `epochs` times, or as often as the minutes allow; saved now and then.

    `groups`: what learns, with its rates.
    """
    rng = random.Random(options.seed + 2)
    names = pool(pairs)
    optimizer = torch.optim.AdamW(list(groups), weight_decay=0.02, betas=(0.9, 0.98))
    plan = [batch for _ in range(options.epochs) for batch in batches(pairs, rng)]
    started, running = time.time(), 0.0
    for step, batch in steps(plan, optimizer, options.minutes):
        given = [deafened(pairs[at]) if rng.random() < DEAF else pairs[at] for at in batch]
        lost = loss([renamed(one, names, rng) for one in given], given, batch)
        descend(optimizer, lost)
        running += 0.02 * (lost.item() - running)
        if step % 50 == 49:
            print(f"{step + 1}/{len(plan)} {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
        if step % 200 == 199:
            save()
    save()
