import pytest

from rectified.experiments.born_dead import born_dead


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (2, 1), (2, 9), (4, 3)])
def test_born_dead_follows_its_law(width, depth):
    one_input, whole_line = born_dead(width, depth, draws=40_000)
    assert one_input == pytest.approx(1 - (1 - 2.0**-width) ** depth, abs=0.012)
    # In the first layer every unit is on for one of the two inputs.
    assert whole_line == 0 if depth == 1 else whole_line < one_input
