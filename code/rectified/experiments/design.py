"""Fair comparisons: what an experiment must have before it carries a verdict.

Every contestant runs with its own best settings, found on other seeds than the reported ones; a
network without a bend stands among them; the scores have room on both sides; and what the reported
seeds could have shown is computed from them.

Chapter: strengths.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np

__all__ = ["FIRST_SEARCH_SEED", "Comparison", "Difference", "Search", "mean_score", "search"]

#: From this seed on a run belongs to a search: it may not see what the reported runs are tested on.
FIRST_SEARCH_SEED = 100

#: Two-sided 95 % quantiles of Student's t by degrees of freedom (checked against SciPy in a test).
T_95 = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262,
    11: 2.201, 14: 2.145, 19: 2.093, 24: 2.064, 29: 2.045,
}  # fmt: skip


@dataclass(frozen=True)
class Search:
    """What a search over a grid found.

    Attributes
    ----------
    best : dict
        The settings with the best mean score.
    scores : dict of tuple to float
        The mean score of each place of the grid; ``-inf`` or ``inf`` where a run diverged.
    grid : dict of str to list
    seeds : tuple of int
    """

    best: dict
    scores: dict
    grid: dict
    seeds: tuple

    @property
    def at_edge(self):
        """Names of settings whose best value is the first or last of its list: look further."""
        return [
            name
            for name, values in self.grid.items()
            if len(values) > 2 and self.best[name] in (values[0], values[-1])
        ]


def mean_score(run, settings, seeds):
    """The mean of ``run(seed=..., **settings)`` over the seeds; NaN if a run diverged.

    >>> mean_score(lambda seed, rate: seed * rate, {"rate": 0.5}, [1, 3])
    1.0
    """
    return float(np.mean([run(seed=seed, **settings) for seed in seeds]))


def search(run: Callable, grid, seeds=(100, 101, 102), higher_is_better=True):
    """Find one contestant's best settings.

    Parameters
    ----------
    run : callable
        ``run(seed=..., **settings)`` returns a score; NaN says that the run diverged.
    grid : dict of str to list
        The values of each setting, in increasing order.
    seeds : iterable of int
        At least 100, so that no reported seed takes part.
    higher_is_better : bool

    Returns
    -------
    Search

    Raises
    ------
    ValueError
        If a seed is below 100, the grid is empty or a run diverged at every place of it.

    Examples
    --------
    >>> search(lambda seed, rate: -abs(rate - 0.3), {"rate": [0.1, 0.3, 1.0]}).best
    {'rate': 0.3}
    """
    seeds = tuple(seeds)
    if not seeds or min(seeds) < FIRST_SEARCH_SEED:
        raise ValueError(f"seeds of a search must be at least 100, not {list(seeds)}")
    if not grid or not all(grid.values()):
        raise ValueError("grid must hold at least one value for each setting")
    sign = 1.0 if higher_is_better else -1.0
    scores = {}
    for place in product(*grid.values()):
        settings = dict(zip(grid, place, strict=True))
        mean = mean_score(run, settings, seeds)
        scores[place] = -sign * math.inf if math.isnan(mean) else mean
    best = max(scores, key=lambda place: sign * scores[place])
    if math.isinf(scores[best]):
        raise ValueError("grid holds no place at which every run stays finite")
    return Search(dict(zip(grid, best, strict=True)), scores, dict(grid), seeds)


@dataclass(frozen=True)
class Difference:
    """The mean difference of two contestants over paired seeds, and how well it is known.

    Attributes
    ----------
    mean : float
    half_width : float
        Half the width of the mean's 95 % t interval: a true difference much smaller than this
        would not have been seen.
    """

    mean: float
    half_width: float

    @property
    def seen(self):
        """Whether the interval leaves out 0."""
        return abs(self.mean) > self.half_width

    def __str__(self):
        return f"{self.mean:+.3f} ± {self.half_width:.3f}"


@dataclass(frozen=True)
class Comparison:
    """Scores of several contestants on one task, with what makes their comparison fair.

    Attributes
    ----------
    setting : str
        Task, network and training, in words.
    scores : dict of str to array_like
        By contestant, one score for each reported seed, in the same order; NaN if it diverged.
    settings : dict of str to dict
        By contestant, its own best settings.
    baseline : str
        The contestant that cannot bend.
    floor, ceiling : float
        The worst and the best score that the measure allows (chance and 1 for an accuracy).
    seeds, search_seeds : tuple of int
    higher_is_better : bool
    resolution : float
        The smallest step of the measure, for instance one test sample.

    Examples
    --------
    >>> fair = Comparison("a toy", {"relu": [0.9, 0.91, 0.92], "linear": [0.5, 0.51, 0.49]},
    ...                   floor=0.5, resolution=0.01)
    >>> print(fair.verdict("relu", "linear"))
    relu is better than linear by 0.410 ± 0.043
    >>> all(fair.checks().values())
    True
    """

    setting: str
    scores: dict
    settings: dict = field(default_factory=dict)
    baseline: str = "linear"
    floor: float = 0.0
    ceiling: float = 1.0
    seeds: tuple = (0, 1, 2, 3, 4)
    search_seeds: tuple = (100, 101, 102)
    higher_is_better: bool = True
    resolution: float = 0.0

    @classmethod
    def run(cls, setting, contestants, settings, seeds=range(5), report=None, **conditions):
        """Run every contestant, ``contestants[name](seed=..., **settings[name])``, on all seeds.

        ``report(name, scores)`` is called as soon as a contestant's scores are known.
        """
        seeds, scores = tuple(seeds), {}
        for name, run in contestants.items():
            scores[name] = np.array([run(seed=seed, **settings.get(name, {})) for seed in seeds])
            if report is not None:
                report(name, scores[name])
        return cls(setting, scores, settings, seeds=seeds, **conditions)

    def difference(self, one, other):
        """How much better ``one`` is than ``other``, seed by seed; positive is better.

        Seeds on which either diverged count as unknown: then the difference is NaN.
        """
        gain = np.asarray(self.scores[one], dtype=float) - np.asarray(self.scores[other], float)
        if not self.higher_is_better:
            gain = -gain
        error = gain.std(ddof=1) / math.sqrt(len(gain))
        return Difference(float(gain.mean()), float(_t_95(len(gain) - 1) * error))

    def verdict(self, one, other):
        """Say in one line who is better, or how small a difference these seeds rule out."""
        difference = self.difference(one, other)
        if math.isnan(difference.mean):
            return f"no verdict on {one} and {other}: a run diverged"
        if difference.seen:
            word = "better" if difference.mean > 0 else "worse"
            size = Difference(abs(difference.mean), difference.half_width)
            return f"{one} is {word} than {other} by {str(size).lstrip('+')}"
        return f"no difference seen between {one} and {other}: {difference}"

    def too_weak(self, least):
        """The pairs of which nothing is known: no difference seen, and one of ``least`` may hide.

        A "no difference seen" says something only where this list is empty for the smallest
        difference that would matter.

        >>> scores = {"relu": [0.9, 0.91, 0.92], "tanh": [0.7, 0.9, 0.99], "linear": [0.5] * 3}
        >>> Comparison("a toy", scores).too_weak(0.05)
        [('relu', 'tanh')]
        """
        rivals = [name for name in self.scores if name != self.baseline]
        gaps = {pair: self.difference(*pair) for pair in combinations(rivals, 2)}
        return [
            pair
            for pair, gap in gaps.items()
            if not gap.seen and abs(gap.mean) + gap.half_width > least
        ]

    def checks(self, least=0.03):
        """The design checks by name, each True when it holds.

        Parameters
        ----------
        least : float, default 0.03
            The smallest difference that would matter, in the units of the score: of an accuracy,
            three in a hundred.

        Notes
        -----

        - ``baseline differs``: the best contestant beats the network without a bend, so that the
          task can tell activations apart;
        - ``room``: no contestant's mean is within five steps of the measure, or 2 % of its range,
          of the best possible score;
        - ``own settings``: every contestant has settings of its own;
        - ``other seeds``: the search saw no reported seed;
        - ``power``: at least five seeds, and where two rivals are not told apart, no difference
          of ``least`` or more can hide between them.  (To be told from the baseline is not enough:
          on pairs of digits that is 0.4 away, and a half-width of 0.2 would do.)
        """
        means = {name: float(np.mean(scores)) for name, scores in self.scores.items()}
        sign = 1.0 if self.higher_is_better else -1.0
        rivals = [name for name in means if name != self.baseline]
        best = max(
            rivals, key=lambda name: -math.inf if math.isnan(means[name]) else sign * means[name]
        )
        margin = max(5 * self.resolution, 0.02 * abs(self.ceiling - self.floor))
        to_baseline = self.difference(best, self.baseline)
        return {
            "baseline differs": to_baseline.seen and to_baseline.mean > 0,
            "room": all(abs(self.ceiling - mean) > margin for mean in means.values()),
            "own settings": not self.settings or set(self.settings) >= set(self.scores),
            "other seeds": not set(self.seeds) & set(self.search_seeds),
            "power": len(self.seeds) >= 5 and not self.too_weak(least),
        }


def _t_95(degrees):
    """The quantile for at most these degrees of freedom: between entries, the wider interval."""
    known = [each for each in T_95 if each <= degrees]
    if not known:
        raise ValueError("a difference needs at least two seeds")
    return T_95[max(known)]
