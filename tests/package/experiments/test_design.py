"""The design of experiments: searches, differences, and checks that can fail."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rectified import split_digit_pairs, split_digits
from rectified.datasets import PREPARATIONS
from rectified.experiments.design import T_95, Comparison, search
from rectified.experiments.pairs import pairs_for


def fair(**changes):
    scores = {
        "linear": [0.50, 0.49, 0.51, 0.50, 0.50],
        "tanh": [0.90, 0.89, 0.91, 0.90, 0.92],
        "relu": [0.93, 0.92, 0.93, 0.94, 0.93],
    }
    return Comparison(**{"setting": "toy", "scores": scores, "floor": 0.5} | changes)


def test_quantiles_are_those_of_scipy():
    for degrees, quantile in T_95.items():
        assert quantile == pytest.approx(stats.t.ppf(0.975, degrees), abs=5e-4)


def test_difference_is_scipys_paired_interval():
    scores = fair().scores
    gains = np.subtract(scores["relu"], scores["tanh"])
    low, high = stats.t.interval(0.95, 4, gains.mean(), stats.sem(gains))
    difference = fair().difference("relu", "tanh")
    assert difference.mean == pytest.approx((low + high) / 2)
    assert difference.half_width == pytest.approx((high - low) / 2, rel=1e-3)


def test_lower_is_better_turns_the_sign():
    slow, fast = [20.0, 21, 22, 20, 21], [10.0, 11, 12, 11, 10]
    steps = Comparison("steps", {"linear": slow, "relu": fast}, higher_is_better=False)
    assert steps.difference("relu", "linear").mean > 0
    assert "better" in steps.verdict("relu", "linear")
    assert "worse" in steps.verdict("linear", "relu")


def test_a_diverged_run_gives_no_verdict():
    broken = fair(scores=fair().scores | {"relu": [0.9, math.nan, 0.9, 0.9, 0.9]})
    assert broken.verdict("relu", "tanh") == "no verdict on relu and tanh: a run diverged"


def test_each_check_can_fail():
    assert all(fair().checks().values())
    scores = fair().scores
    nearly_linear = scores | {"linear": scores["relu"]}
    full = scores | {"relu": [0.999, 1.0, 1.0, 0.999, 1.0]}
    noisy = scores | {"tanh": [0.89, 0.96, 0.88, 0.95, 0.92]}  # may be 0.05 behind, or level
    failing = {
        "baseline differs": {"scores": nearly_linear},
        "room": {"scores": full},
        "own settings": {"settings": {"relu": {"learning_rate": 0.3}}},
        "other seeds": {"search_seeds": (4, 100)},
        "power": {"scores": noisy},
    }
    for check, changes in failing.items():
        assert not fair(**changes).checks()[check], check


def test_power_asks_about_the_rivals_and_not_about_the_baseline():
    """Half-widths far below the distance to the network without a bend do not tell bends apart."""
    unclear = fair(scores=fair().scores | {"tanh": [0.89, 0.96, 0.88, 0.95, 0.92]})
    gap, to_linear = unclear.difference("relu", "tanh"), unclear.difference("relu", "linear")
    assert not gap.seen and gap.half_width < to_linear.mean / 8
    assert not unclear.checks()["power"] and unclear.checks(least=0.06)["power"]
    seen = fair(scores=fair().scores | {"tanh": [0.7, 0.8, 0.7, 0.8, 0.7]})
    assert seen.checks()["power"]  # a difference that is seen asks for no more power


def test_search_takes_the_best_and_says_when_it_lies_at_the_edge():
    found = search(lambda seed, a, b: -((a - 2) ** 2) - b, {"a": [1, 2, 3], "b": [0, 1, 2]})
    assert found.best == {"a": 2, "b": 0}
    assert found.at_edge == ["b"]


def test_search_does_not_choose_what_diverges():
    found = search(lambda seed, rate: math.nan if rate > 0.5 else rate, {"rate": [0.1, 0.4, 1.0]})
    assert found.best == {"rate": 0.4}
    lower = search(
        lambda seed, rate: math.nan if rate < 0.2 else rate,
        {"rate": [0.1, 0.4, 1.0]},
        higher_is_better=False,
    )
    assert lower.best == {"rate": 0.4}


@pytest.mark.parametrize("arguments", [({"a": [1]}, (0, 1)), ({}, (100,)), ({"a": []}, (100,))])
def test_search_refuses_reported_seeds_and_empty_grids(arguments):
    with pytest.raises(ValueError):
        search(lambda seed, a: 0.0, *arguments)


@pytest.mark.parametrize(
    "name",
    [
        "strengths",
        "dead-neurons",
        "leaky-relu",
        "maxout",
        "today",
        "relatives",
        "optimisers",
        "claims",
    ],
)
def test_a_chapter_checks_the_design_of_its_comparison(name):
    """What a chapter does not check of its verdicts is checked by the tests beside this one."""
    chapter = Path(__file__).resolve().parents[3] / "chapters" / f"{name}.md"
    assert re.search(r"assert .*\.checks\(.*\)\.values\(\)\)", chapter.read_text("utf-8"))


def test_pairs_are_what_they_say():
    pairs, digits = split_digit_pairs(400, 100, seed=3), split_digits(seed=3)
    for x, even, pixels, labels in [
        (pairs.x_train, pairs.y_train, digits.x_train, digits.y_train),
        (pairs.x_test, pairs.y_test, digits.x_test, digits.y_test),
    ]:
        known = {row.tobytes(): label for row, label in zip(pixels, labels, strict=True)}
        left = [known[row.tobytes()] for row in np.ascontiguousarray(x[:, :64])]
        right = [known[row.tobytes()] for row in np.ascontiguousarray(x[:, 64:])]
        assert np.array_equal(even, (np.add(left, right) + 1) % 2)
    assert 0.4 < pairs.y_train.mean() < 0.6


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_a_search_sees_no_test_digit(preparation):
    reported, searched = pairs_for(0, preparation), pairs_for(100, preparation)

    def digits(pairs):
        halves = np.concatenate([pairs[:, :64], pairs[:, 64:]])
        return {row.tobytes() for row in np.ascontiguousarray(halves)}

    learned, chosen_by = digits(searched.x_train), digits(searched.x_test)
    assert len(learned) <= 800 and len(chosen_by) <= 400 and not learned & chosen_by
    assert learned | chosen_by <= digits(reported.x_train)
    assert not digits(reported.x_train) & digits(reported.x_test)
    for numbers in [(0, 5), (5, 0)]:
        with pytest.raises(ValueError, match="at least 1"):
            split_digit_pairs(*numbers)
