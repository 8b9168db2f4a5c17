"""The searches for the settings that the chapters use, made again: hours for all of them.

python -m tools.bench search [chapter ...]

Each contestant's grid runs on three seeds and its best places on twelve, with pairs of training
digits alone (see rectified.experiments.pairs). Beside the best stands what the chapter uses: it
may be behind by half a point in a hundred, or by two steps or 0.005 of a loss where these count.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rectified.experiments import (
    dead_neurons,
    leaky_relu,
    maxout,
    relatives,
    strengths,
    today,
    zero_centering,
)
from rectified.experiments.design import mean_score
from rectified.experiments.pairs import CLOSER_SEEDS, accuracy_on_pairs, search_closely

WORST = 0.005
STEPS = 2.0


def remedy(name, learning_rate, seed):
    return dead_neurons.try_remedy(name, learning_rate, seed)[0]


def slope(name, optimizer, learning_rate, gain, seed):
    kind = leaky_relu.CONTESTANTS[name]
    return leaky_relu.on_pairs(
        kind, learning_rate, gain, seed, epochs=5, optimizer=optimizer
    ).accuracy


def pieces(name, optimizer, learning_rate, gain, seed):
    return maxout.accuracy_at_equal_size(name, learning_rate, gain, seed, optimizer=optimizer)


def curve(name, depth, optimizer, rate, factor, seed):
    settings = {"depth": depth, "optimizer": optimizer, "look": False}
    return strengths.learn_pairs(name, rate, factor, seed, **settings).test_accuracy


def centring(name, depth, optimizer, rate, factor, seed):
    activation = zero_centering.CONTESTANTS[name]
    return -zero_centering.steps_to_learn(activation, depth, rate, factor, seed, optimizer)


def block(name, rate, seed):
    model = today.train_language_model(name, rate, [seed])
    return -float(model.loss(*today.text_windows(search=True)[2])[0])


def contestants():
    """By chapter: (what, run, grid, the settings used, how far behind the best they may be)."""
    found = {"dead-neurons": [], "leaky-relu": [], "maxout": [], "relatives": []}
    found |= {"strengths": [], "zero-centering": [], "today": []}
    for name, used in dead_neurons.SETTINGS.items():
        grid = {"learning_rate": list(dead_neurons.GRIDS[name])}
        settings = {"learning_rate": used}
        found["dead-neurons"].append((name, partial(remedy, name), grid, settings, WORST))
    for module, chapter, run in [(leaky_relu, "leaky-relu", slope), (maxout, "maxout", pieces)]:
        for optimizer, grid, settings in [
            ("sgd", module.GRID, module.SETTINGS),
            ("adam", module.ADAM_GRID, module.ADAM_SETTINGS),
        ]:
            for name, used in settings.items():
                what = f"{name}, {optimizer}"
                found[chapter].append((what, partial(run, name, optimizer), grid, used, WORST))
    for name, used in relatives.SETTINGS.items():
        run = partial(relatives.accuracy_of, name)
        found["relatives"].append((name, run, relatives.GRID, used, WORST))
    for slope_left, used in relatives.LEAKS.items():
        run = partial(accuracy_on_pairs, leaky_relu.leaky_of(slope_left), optimizer="adam")
        found["relatives"].append((f"leaky {slope_left}", run, relatives.GRID, used, WORST))
    for (optimizer, depth), settings in strengths.SETTINGS.items():
        for name, used in settings.items():
            what, run = (
                f"{name}, {depth} layers, {optimizer}",
                partial(curve, name, depth, optimizer),
            )
            grid = strengths.GRIDS[optimizer, depth][name]
            found["strengths"].append((what, run, grid, used, WORST))
    for (optimizer, depth), settings in zero_centering.SETTINGS.items():
        rates = zero_centering.RATES if optimizer == "sgd" else zero_centering.ADAM_RATES
        grid = {"rate": rates, "factor": zero_centering.FACTORS}
        for name, used in settings.items():
            what = f"{name}, {depth} layers, {optimizer}"
            run = partial(centring, name, depth, optimizer)
            found["zero-centering"].append((what, run, grid, used, STEPS))
    for name, rate in today.RATES.items():
        grid = {"rate": today.RATE_GRID}
        found["today"].append((name, partial(block, name), grid, {"rate": rate}, WORST))
    return found


def again(run, grid, used):
    """The best settings, and how far those that are used are behind them."""
    found = search_closely(run, grid)
    place = tuple(used[name] for name in found.grid)
    score = found.scores.get(place)
    if score is None:
        score = mean_score(run, used, CLOSER_SEEDS)
    return found.best, max(found.scores.values()) - score


def main():
    known = contestants()
    parser = argparse.ArgumentParser(prog="tools.bench search", description=__doc__.split("\n")[0])
    parser.add_argument("chapters", nargs="*", choices=[*known, []], metavar="chapter")
    chapters = parser.parse_args().chapters or list(known)
    behind = []
    with ProcessPoolExecutor() as pool:
        for chapter in chapters:
            rows = known[chapter]
            print(chapter, flush=True)
            results = pool.map(again, *zip(*[row[1:4] for row in rows], strict=True))
            for (what, _, _, used, allowed), (best, gap) in zip(rows, results, strict=True):
                print(f"  {what}: best {best}, used {used}, behind by {gap:.4f}", flush=True)
                behind += [what] if gap > allowed else []
    return behind
