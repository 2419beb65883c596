"""Matrices in four bits: what is packed comes back, and no number is further off than half a step of its block."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from training.encoder import four_bits

codes = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=3, max_side=9), elements=st.integers(0, 15))


@given(codes)
def test_what_is_packed_comes_back(given: four_bits.Array) -> None:
    assert (four_bits.unpacked(four_bits.packed(given), given.shape[-1]) == given).all()


@given(arrays.arrays(np.float32, (3, 2 * four_bits.BLOCK), elements=st.floats(-8, 8, width=32)))
def test_a_rounded_matrix_is_about_what_it_was(given: four_bits.Array) -> None:
    blocks = given.reshape(3, 2, four_bits.BLOCK)
    step = (np.maximum(blocks.max(-1), 0) - np.minimum(blocks.min(-1), 0)) / 15
    near = four_bits.floats(*four_bits.rounded(given)).reshape(blocks.shape)
    whole = np.sqrt(((near - blocks) ** 2).sum(-1))
    # Half a step is lost by a number and as much by its zero point; a narrower range must be no worse over the block.
    assert (whole <= step * 1.01 * np.sqrt(four_bits.BLOCK) + 1e-5).all()


def test_numbers_of_a_block_without_outliers_keep_their_order() -> None:
    row = np.linspace(-1, 2, four_bits.BLOCK, dtype=np.float32)[None, :]
    assert (np.diff(four_bits.floats(*four_bits.rounded(row))[0]) >= 0).all()
