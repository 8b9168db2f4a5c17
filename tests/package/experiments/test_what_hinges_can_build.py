"""Straight pieces, counted in networks whose number of pieces is known."""

import numpy as np
import pytest

from rectified.experiments.what_hinges_can_build import (
    count_pieces,
    random_pieces,
    tent_network,
)
from rectified.network import MLP


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_the_tent_map_doubles_its_pieces_with_each_layer(layers):
    assert count_pieces(tent_network(layers), 0.0, 1.0) == 2**layers


def test_one_layer_has_a_piece_for_each_kink_inside_and_one_more():
    network = MLP([1, 16, 1], bias="uniform", loss="squared_error", seed=3)
    kinks = -network.biases[0] / network.weights[0][0]
    inside = np.sum((-3 < kinks) & (kinks < 3))
    assert count_pieces(network, -3.0, 3.0) == inside + 1 == random_pieces(16, 1, seeds=[3])[0]


@pytest.mark.parametrize(("sizes", "low"), [([2, 3, 1], 0.0), ([1, 3, 1], 2.0)])
def test_what_cannot_be_counted_is_refused(sizes, low):
    with pytest.raises(ValueError):
        count_pieces(MLP(sizes, loss="squared_error"), low, 1.0)
