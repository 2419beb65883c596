"""Matrices of an ONNX graph in four bits: blocks along a row share a scale (half precision) and a zero point.

Operators: MatMulNBits and GatherBlockQuantized of com.microsoft, in ONNX Runtime since 1.20.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

BLOCK = 32
NARROWED = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Shares of a block's range that are tried: what lies outside is cut off, the rest is told more finely."""
_DOMAIN = "com.microsoft"

Array = np.ndarray[Any, Any]


def rounded(rows: Array) -> tuple[Array, Array, Array]:
    """Codes (0 to 15), scales and zero points (each rows × blocks) of a matrix; of the ranges tried the closest."""
    blocks = rows.reshape(len(rows), -1, BLOCK).astype(np.float32)
    low, high = np.minimum(blocks.min(-1), 0), np.maximum(blocks.max(-1), 0)
    best = np.zeros_like(blocks), np.zeros_like(low), np.zeros_like(low)
    least = np.full_like(low, np.inf)
    for share in NARROWED:
        scale = np.maximum((high - low) * share / 15, 1e-7).astype(np.float16).astype(np.float32)
        zero = np.clip(np.round(-low * share / scale), 0, 15)
        codes = np.clip(np.round(blocks / scale[..., None]) + zero[..., None], 0, 15)
        off = (((codes - zero[..., None]) * scale[..., None] - blocks) ** 2).sum(-1)
        nearer = off < least
        least = np.where(nearer, off, least)
        for kept, new in zip(best, (codes, scale, zero), strict=True):
            np.copyto(kept, new, where=nearer[..., None] if kept.ndim > nearer.ndim else nearer)
    return best[0].astype(np.uint8), best[1], best[2].astype(np.uint8)


def floats(codes: Array, scale: Array, zero: Array) -> Array:
    """The matrix that the codes stand for."""
    return ((codes.astype(np.float32) - zero[..., None]) * scale[..., None]).reshape(len(codes), -1)


def packed(codes: Array) -> Array:
    """Two codes a byte along the last axis, the first in the lower half; an odd one out gets 0 beside it."""
    if codes.shape[-1] % 2:
        codes = np.concatenate([codes, np.zeros((*codes.shape[:-1], 1), dtype=np.uint8)], axis=-1)
    return codes[..., 0::2] | (codes[..., 1::2] << 4)


def unpacked(both: Array, size: int | None = None) -> Array:
    """The codes again; `size`: so many of them along the last axis."""
    return np.stack([both & 15, both >> 4], axis=-1).reshape(*both.shape[:-1], -1)[..., :size]


def convert(model: "onnx.ModelProto", table: str) -> None:
    """Every matrix that something is multiplied with, and the table of this name, to four bits."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    stored = {one.name: one for one in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            matrix = numpy_helper.to_array(stored[node.input[1]])
            size, out = matrix.shape
            parts = _store(graph, node.input[1], matrix.T, table=False)
            made = {"K": size, "N": out, "bits": 4, "block_size": BLOCK}
            node = helper.make_node(
                "MatMulNBits", [node.input[0], *parts], node.output, node.name, domain=_DOMAIN, **made
            )
        elif node.op_type == "Gather" and node.input[0] == table:
            codes, scale, zero = _store(graph, table, numpy_helper.to_array(stored[table]), table=True)
            made = {"bits": 4, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
            node = helper.make_node(
                "GatherBlockQuantized", [codes, node.input[1], scale, zero], node.output, node.name,
                domain=_DOMAIN, **made,
            )  # fmt: skip
        else:
            nodes.append(node)
            continue
        cast = next(name for name in node.input if name.endswith(".scale"))
        nodes += [helper.make_node("Cast", [f"{cast}_half"], [cast], to=TensorProto.FLOAT), node]
    used = {name for node in nodes for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))


def matrices(model: "onnx.ModelProto") -> dict[str, Array]:
    """What `convert` stored, as floats, by the name of the node that uses it; a matrix as torch's linear layers have it
    (out × in)."""
    from onnx import numpy_helper

    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        if node.op_type in ("MatMulNBits", "GatherBlockQuantized"):
            base = next(name for name in node.input if name.endswith(".codes")).removesuffix(".codes")
            codes = unpacked(stored[f"{base}.codes"])
            codes = codes.reshape(len(codes), -1, BLOCK)
            scale = stored[f"{base}.scale_half"].astype(np.float32).reshape(codes.shape[:2])
            zero = unpacked(stored[f"{base}.zero"].reshape(len(codes), -1), codes.shape[1])
            found[node.name] = floats(codes, scale, zero)
    return found


def _store(graph: "onnx.GraphProto", name: str, rows: Array, *, table: bool) -> list[str]:
    from onnx import numpy_helper

    codes, scale, zero = rounded(np.ascontiguousarray(rows))
    shapes = {
        "codes": packed(codes).reshape(len(rows), -1) if table else packed(codes),
        "scale_half": (scale if table else scale.reshape(-1)).astype(np.float16),
        "zero": packed(zero) if table else packed(zero).reshape(-1),
    }
    for part, value in shapes.items():
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), f"{name}.{part}"))
    return [f"{name}.{part}" for part in ("codes", "scale", "zero")]
