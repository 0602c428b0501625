#!/usr/bin/python3
"""Trials a second of Optuna on SQLite, beside store_bench: optuna_bench.py [trials] [directory].

plain   : a trial with its architecture as one user attribute and three objective values (what store_bench stores)
natural : the same with the six operations of NAS-Bench-201 as suggested parameters, as users write it
"""

import os
import random
import sys
import tempfile
import time

import optuna

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def run(directory, name, trials, suggest):
    storage = "sqlite:///" + os.path.join(directory, name + ".db")
    study = optuna.create_study(
        storage=storage,
        sampler=optuna.samplers.RandomSampler(seed=1),
        directions=["maximize", "minimize", "minimize"],
    )
    numbers = random.Random(1)
    start = time.monotonic()
    for number in range(trials):
        trial = study.ask()
        if suggest:
            for edge in range(6):
                trial.suggest_categorical("edge%d" % edge, OPERATIONS)
        else:
            trial.set_user_attr("architecture", "|nor_conv_3x3~0|+|none~0|none~1|#%d" % number)
        study.tell(trial, [numbers.uniform(50, 95), numbers.uniform(1e5, 1e6), numbers.uniform(1, 11)])
    seconds = time.monotonic() - start
    print("optuna %s, %s: %.1f trials/s (%d trials)" % (optuna.__version__, name, trials / seconds, trials), flush=True)


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as temporary:
        directory = sys.argv[2] if len(sys.argv) > 2 else temporary
        run(directory, "plain", trials, suggest=False)
        run(directory, "natural", trials, suggest=True)


if __name__ == "__main__":
    main()
