"""A recorded setting beside the settings next to it in its grid."""


def gains(mean, chosen, grid):
    """Return {(setting, value): how much higher the mean is there than at the chosen place}."""
    best = mean(chosen)
    return {
        (setting, values[at]): mean({**chosen, setting: values[at]}) - best
        for setting, values in grid.items()
        for at in (values.index(chosen[setting]) - 1, values.index(chosen[setting]) + 1)
        if 0 <= at < len(values)
    }


def rate_is_best(mean, chosen, grid):
    """Whether no neighbouring learning rate does better; a run that diverged does not."""
    beside = gains(mean, chosen, {"learning_rate": grid["learning_rate"]})
    return not any(gain > 0 for gain in beside.values())
