"""What limits the sentences of the side road on signals."""

import pytest

from rectified.experiments.signals_through_depth import deaths


@pytest.mark.parametrize(("batch_size", "some"), [(64, False), (4, True)])
def test_batch_normalisation_keeps_all_units_alive_in_batches_that_are_not_tiny(batch_size, some):
    died = [
        deaths("batch normalisation", 1.0, seed=seed, batch_size=batch_size).died
        for seed in range(3)
    ]
    assert min(died) > 0 if some else max(died) == 0


def test_beside_shortcuts_the_accuracy_scatters_from_run_to_run():
    right = [deaths("shortcuts", 0.3, seed=seed).accuracy for seed in range(5, 25)]
    assert 0.7 < min(right) < 0.8 and 0.9 < max(right)
