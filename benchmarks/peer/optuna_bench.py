#!/usr/bin/python3
"""Trials a second of Optuna, on SQLite beside store_bench or on a server beside postgres_bench:
optuna_bench.py [trials] [directory | postgresql://...] [workers].

Workers are processes that share the trials of one study.

plain   : a trial with its architecture as one user attribute and three objective values (what store_bench stores)
natural : the same with the six operations of NAS-Bench-201 as suggested parameters, as users write it
"""

import multiprocessing
import os
import random
import sys
import tempfile
import time

import optuna

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def work(storage, name, trials, suggest, seed):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name=name, storage=storage, sampler=optuna.samplers.RandomSampler(seed=seed))
    numbers = random.Random(seed)
    for number in range(trials):
        trial = study.ask()
        if suggest:
            for edge in range(6):
                trial.suggest_categorical("edge%d" % edge, OPERATIONS)
        else:
            trial.set_user_attr("architecture", "|nor_conv_3x3~0|+|none~0|none~1|#%d" % number)
        study.tell(trial, [numbers.uniform(50, 95), numbers.uniform(1e5, 1e6), numbers.uniform(1, 11)])


def run(place, name, trials, suggest, workers):
    on_server = "://" in place
    storage = place if on_server else "sqlite:///" + os.path.join(place, name + ".db")
    optuna.create_study(study_name=name, storage=storage, directions=["maximize", "minimize", "minimize"])
    share = trials // workers
    processes = [multiprocessing.Process(target=work, args=(storage, name, share, suggest, seed)) for seed in range(workers)]
    start = time.monotonic()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.monotonic() - start
    if any(process.exitcode != 0 for process in processes):
        sys.exit(2)
    print(
        "optuna %s, %s, %d workers: %.1f trials/s (%d trials)"
        % (optuna.__version__, name, workers, share * workers / seconds, share * workers),
        flush=True,
    )


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as temporary:
        place = sys.argv[2] if len(sys.argv) > 2 else temporary
        run(place, "plain", trials, False, workers)
        run(place, "natural", trials, True, workers)


if __name__ == "__main__":
    main()
