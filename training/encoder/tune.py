"""Train the layers for deals on: `python -m training.encoder.tune IN.pt OUT.pt FILE…`.

The lower layers stay as `training.encoder.train` left them, shared with mentions; the upper ones become the deals' own.
Names of companies are replaced at random by others', so that what is said of a company counts and not who it is.
"""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from extractors.encoder import pieces
from training.encoder import large
from training.encoder.examples import Paired
from training.encoder.learn import begun, learn
from training.encoder.model import LAYERS, DealHeads, Encoder
from training.encoder.train import pairs_loss, tensors
from training.encoder.windows import windows

UPPER = 3
"""Layers of the deals' own."""
RATE, RATE_HEADS = 3e-4, 1e-3
TAUGHT = 0.6
"""Share of the loss that a teacher's word has, if there is one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("given", type=Path)
    parser.add_argument("--go-on", action="store_true", help="begin with the upper layers and heads of IN.pt")
    parser.add_argument("--teacher", type=Path, help="weights of training.encoder.large, to learn from what it says")
    options = begun(parser, epochs=6)
    stored = torch.load(options.given, weights_only=True)
    encoder, heads = Encoder(), DealHeads()
    encoder.load_state_dict(stored["encoder"])
    upper = nn.ModuleList(copy.deepcopy(layer) for layer in encoder.layers[LAYERS - UPPER :])
    if options.go_on:
        heads.load_state_dict(stored["heads"])
        upper.load_state_dict(stored["upper"])
    pairs = windows(options.files, options.core)
    told = sum(int((one.kinds > 0).any(1).sum()) for one in pairs)
    at_links = sum(int((one.links > 0).any((1, 2)).sum()) for one in pairs)
    print(
        f"{len(pairs)} windows, {sum(len(one.kinds) for one in pairs)} pairs, {told} with a deal, {at_links} of them "
        "between two names in one sentence",
        flush=True,
    )

    said = large.said(options.teacher, pairs) if options.teacher else None
    encoder.eval()
    upper.train()
    heads.train()

    def loss(read: list[pieces.Window], given: list[Paired], batch: list[int]) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x, wide = _lower(encoder, read)
            for layer in upper:
                x = layer(x, wide)
        own = pairs_loss(x.float(), heads, given)
        if said is None:
            return own
        return (1 - TAUGHT) * own + TAUGHT * taught_loss(x.float(), heads, given, [said[at] for at in batch])

    def save() -> None:
        torch.save(
            {"encoder": stored["encoder"], "heads": heads.state_dict(), "upper": upper.state_dict()}, options.out
        )

    groups = [{"params": list(one.parameters()), "lr": rate} for one, rate in ((heads, RATE_HEADS), (upper, RATE))]
    learn(pairs, groups, options, loss, save)


@torch.no_grad()
def _lower(encoder: Encoder, windows: list[pieces.Window]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the shared layers make of some windows."""
    ids, casing, types, mask = tensors(windows)
    x, wide = encoder.embedded(ids, casing, types, mask, 1)
    for layer in encoder.layers[: LAYERS - UPPER]:
        x = layer(x, wide)
    return x, wide


def taught_loss(x: torch.Tensor, heads: DealHeads, batch: list[Paired], said: list[large.Soft]) -> torch.Tensor:
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


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
