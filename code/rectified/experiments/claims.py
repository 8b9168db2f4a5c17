"""Two contestants that run in the quiz only, with the settings that were found for them.

Chapter: claims.
"""

from rectified.experiments.leaky_relu import leaky_of
from rectified.experiments.strengths import learn_pairs
from rectified.experiments.today import LanguageModel, train_language_model

__all__ = ["ABSOLUTE", "WIDE", "absolute_on_pairs", "wide_relu"]

#: The absolute value on pairs of digits, with two layers: searched as those of ``strengths`` are.
ABSOLUTE = {"rate": 0.2, "factor": 0.7}

#: ReLU with twice as many units as the language model's block has: the rate is searched likewise.
WIDE = {"hidden": 192, "learning_rate": 0.004}


def absolute_on_pairs(seed=0, **changes):
    """Accuracy of a network of absolute values, of abs(z), on pairs of digits.

    Parameters
    ----------
    seed : int, default 0
    **changes
        Other settings than ``ABSOLUTE``.

    Returns
    -------
    float

    Examples
    --------
    >>> absolute_on_pairs() > 0.7
    True
    """
    settings = ABSOLUTE | changes
    return learn_pairs(leaky_of(-1.0), seed=seed, look=False, **settings).test_accuracy


def wide_relu(seeds, learning_rate=WIDE["learning_rate"], steps=500):
    """Train the language model with ReLU and twice as many units in its block.

    Parameters
    ----------
    seeds : sequence of int
    learning_rate : float
    steps : int

    Returns
    -------
    LanguageModel

    Examples
    --------
    >>> wide_relu([0], steps=1).n_parameters
    25341
    """
    model = LanguageModel("relu", seeds, hidden=WIDE["hidden"])
    return train_language_model("relu", learning_rate, seeds, steps, model=model)
