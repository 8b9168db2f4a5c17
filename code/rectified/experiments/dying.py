"""The former name of ``dead_neurons``; goes when the last chapter has changed its imports."""

from rectified.experiments.dead_neurons import compare, laboratory, leaky, prepare_digits

__all__ = ["compare", "laboratory", "leaky", "prepare_digits"]
