import itertools

import numpy as np
import pytest

from rectified.experiments.three_sixteenths import never_on


def test_never_on_against_a_grid_of_inputs():
    """Off for every input: seen on a wide grid, for fewer draws."""
    rng = np.random.default_rng(1)
    x = np.concatenate([np.linspace(-8, 8, 401), [-1e4, -300, 300, 1e4]])
    off = {True: 0, False: 0}
    for biases, _ in itertools.product(off, range(4000)):
        w, v, b = rng.normal(size=(3, 2))
        c = rng.normal() * biases
        z = np.maximum(np.outer(x, w) + b * biases, 0) @ v + c
        off[biases] += np.all(z <= 0)
    for biases, law in ((True, 3 / 16), (False, 3 / 8)):
        assert never_on(draws=50_000, biases=biases) == pytest.approx(law, abs=0.01)
        assert off[biases] / 4000 == pytest.approx(law, abs=0.03)
