"""Train the layers for deals on: `python -m training.encoder.tune IN.pt OUT.pt FILE…`.

The lower layers stay as `training.encoder.train` left them, shared with mentions; the upper ones become the deals' own.
Names of companies are replaced at random by others', so that what is said of a company counts and not who it is.
"""

import argparse
import copy
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from extractors.deals.candidates import CLASSES
from extractors.encoder import pieces
from training import markup
from training.encoder import core
from training.encoder.examples import Paired, paired
from training.encoder.model import LAYERS, DealHeads, Encoder
from training.encoder.train import pairs_loss, tensors

if TYPE_CHECKING:
    from training.encoder.teacher import Soft

UPPER = 3
"""Layers of the deals' own."""
BATCH = 1600
"""Word pieces of a batch."""
RATE, RATE_HEADS = 3e-4, 1e-3
RENAMED = 0.6
"""Share of the companies that are given another's name each time."""
HIDDEN = 0.2
"""At most so much of the words that are no names is hidden, so that no text is known by heart."""
DEAF = 0.15
"""Share of the windows in which what the frames read is hidden: of new text it is less often right."""
TAUGHT = 0.6
"""Share of the loss that a teacher's word has, if there is one."""
MASK = 103
"""Of the vocabulary: the piece for a hidden word."""

Pool = dict[int, list[tuple[list[int], list[int]]]]
"""Ids and casing of companies' names by their number of pieces."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("given", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--core", type=Path, help="CORE's training part as JSON lines, to learn from beside")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--go-on", action="store_true", help="begin with the upper layers and heads of IN.pt")
    parser.add_argument("--teacher", type=Path, help="weights of training.encoder.teacher, to learn from what it says")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    stored = torch.load(options.given, weights_only=True)
    encoder, heads = Encoder(), DealHeads()
    encoder.load_state_dict(stored["encoder"])
    upper = nn.ModuleList(copy.deepcopy(layer) for layer in encoder.layers[LAYERS - UPPER :])
    if options.go_on:
        heads.load_state_dict(stored["heads"])
        upper.load_state_dict(stored["upper"])
    pairs = [one for path in sorted(options.files) for document in markup.read(path) for one in paired(document)]
    if options.core:
        pairs += core.read(options.core)
    told = sum(int((one.kinds > 0).any(1).sum()) for one in pairs)
    at_links = sum(int((one.links > 0).any((1, 2)).sum()) for one in pairs)
    print(
        f"{len(pairs)} windows, {sum(len(one.kinds) for one in pairs)} pairs, {told} with a deal, {at_links} of them "
        "between two names in one sentence",
        flush=True,
    )

    def save() -> None:
        torch.save(
            {"encoder": stored["encoder"], "heads": heads.state_dict(), "upper": upper.state_dict()}, options.out
        )

    fit(encoder.eval(), upper, heads, pairs, options, save)
    save()


def fit(
    encoder: Encoder,
    upper: nn.ModuleList,
    heads: DealHeads,
    pairs: list[Paired],
    options: argparse.Namespace,
    save: Callable[[], None],
) -> None:
    """All windows `epochs` times, or as often as the minutes allow; saved now and then."""
    rng = random.Random(options.seed + 2)
    names = pool(pairs)
    said = _said(options.teacher, pairs) if options.teacher else None
    trained = [*upper.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": list(heads.parameters()), "lr": RATE_HEADS}, {"params": list(upper.parameters()), "lr": RATE}],
        weight_decay=0.02,
        betas=(0.9, 0.98),
    )
    base = [group["lr"] for group in optimizer.param_groups]
    plan = [batch for _ in range(options.epochs) for batch in batches(pairs, rng)]
    started, running = time.time(), 0.0
    upper.train()
    heads.train()
    for step, batch in enumerate(plan):
        share = max(step / len(plan), (time.time() - started) / 60 / options.minutes)
        if share >= 1:
            break
        for group, rate in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / 60) * (1 - share)
        given = [deafened(pairs[at]) if rng.random() < DEAF else pairs[at] for at in batch]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x, wide = _lower(encoder, [renamed(one, names, rng) for one in given])
            for layer in upper:
                x = layer(x, wide)
        loss = pairs_loss(x.float(), heads, given)
        if said is not None:
            loss = (1 - TAUGHT) * loss + TAUGHT * taught_loss(x.float(), heads, given, [said[at] for at in batch])
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        running += 0.02 * (loss.item() - running)
        if step % 100 == 99:
            print(f"{step + 1}/{len(plan)} {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
        if step % 200 == 199:
            save()
    upper.eval()
    heads.eval()


@torch.no_grad()
def _lower(encoder: Encoder, windows: list[pieces.Window]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the shared layers make of some windows."""
    ids, casing, types, mask = tensors(windows)
    x, wide = encoder.embedded(ids, casing, types, mask, 1)
    for layer in encoder.layers[: LAYERS - UPPER]:
        x = layer(x, wide)
    return x, wide


def _said(path: Path, pairs: list[Paired]) -> "list[Soft]":
    from training.encoder import teacher

    return teacher.said(path, pairs)


def taught_loss(x: torch.Tensor, heads: DealHeads, batch: list[Paired], said: "list[Soft]") -> torch.Tensor:
    """How far the kinds of all pairs and of their closest mentions are from what the teacher says."""
    total = torch.zeros(())
    for row, (one, soft) in enumerate(zip(batch, said, strict=True)):
        scores, _ = heads.links(x[row], one.given)
        right = torch.from_numpy(soft).float()
        linked = torch.from_numpy(one.given.linked)[..., None]
        total = total + F.binary_cross_entropy_with_logits(
            scores.max(1).values, right.max(1).values.sigmoid(), reduction="sum"
        )
        each = F.binary_cross_entropy_with_logits(scores, right.sigmoid(), reduction="none") * linked
        total = total + (each / linked.sum(1, keepdim=True)).sum()
    return total / (6 * len(batch))


def deafened(one: Paired) -> Paired:
    """The window as if the frames had read nothing in it."""
    features = one.given.features.copy()
    features[..., : len(CLASSES)] = 0
    return one._replace(given=replace(one.given, features=features))


def pool(pairs: list[Paired]) -> Pool:
    """The names of all companies."""
    found: Pool = defaultdict(list)
    for one in pairs:
        window = one.given.window
        for entity in one.given.entities:
            for first, last in {_pieces(window, place) for place in entity.names.places}:
                found[last - first].append((window.ids[first:last], window.casing[first:last]))
    return found


def renamed(one: Paired, names: Pool, rng: random.Random) -> pieces.Window:
    """The window with some of its companies called otherwise, in as many pieces, and a few of its words hidden."""
    window = one.given.window
    ids, casing = list(window.ids), list(window.casing)
    for entity in one.given.entities:
        if rng.random() >= RENAMED:
            continue
        spans = sorted((_pieces(window, place) for place in entity.names.places), key=lambda span: span[0] - span[1])
        size = spans[0][1] - spans[0][0]
        new_ids, new_casing = rng.choice(names[size])
        for first, last in spans:
            # A short form is taken for the first words of the name: `Nvidia` for `Nvidia Corp`.
            ids[first:last], casing[first:last] = new_ids[: last - first], new_casing[: last - first]
    share = rng.random() * HIDDEN
    ids = [
        MASK if not kind and one not in (pieces.START, pieces.END) and rng.random() < share else one
        for one, kind in zip(ids, window.types, strict=True)
    ]
    return window._replace(ids=ids, casing=casing)


def _pieces(window: pieces.Window, place: int) -> tuple[int, int]:
    """First and last piece of the name that begins at this piece."""
    last = place + 1
    while last < len(window.types) and window.types[last] == window.types[place] and last - place < 12:
        last += 1
    return place, last


def batches(pairs: list[Paired], rng: random.Random) -> list[list[int]]:
    """The numbers of the windows, those of like length together, in any order."""
    order = sorted(range(len(pairs)), key=lambda at: (len(pairs[at].given.window.ids), rng.random()))
    batches: list[list[int]] = [[]]
    for at in order:
        if batches[-1] and (len(batches[-1]) + 1) * len(pairs[at].given.window.ids) > BATCH:
            batches.append([])
        batches[-1].append(at)
    rng.shuffle(batches)
    return batches


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
