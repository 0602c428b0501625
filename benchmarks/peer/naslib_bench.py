#!/usr/bin/python3
"""Microseconds a query of NASLib's searchers on the table that searcher_bench uses.

usage: naslib_bench.py NASLIB_CHECKOUT nb201_tss.csv.gz [SEARCHER[:SETTING] ...]

NASLib (github.com/automl/NASLib) runs as it is: only packages that its searchers import and do not
use here (data loaders, plots, checkpoints) are replaced by empty ones when they are missing. numpy,
torch and networkx must be there. What is timed is `new_epoch`, the searcher's work and one look-up
in a dictionary; NASLib's trainer, which writes statistics and checkpoints each epoch, is left out.

SETTING  graph  the default: every architecture is a module with its weights
         light  `instantiate_model = False`, as NASLib's own runner for black-box searchers has it
"""

import collections.abc
import csv
import gzip
import importlib.abc
import importlib.machinery
import logging
import random
import statistics
import sys
import time
import types

STAND_INS = (
    "ConfigSpace cv2 fvcore grakel hyperopt iopath lightgbm matplotlib nasbench301 ngboost pandas pybnn "
    "tkinter nasbench_pytorch emcee pyro pytorch_msssim scipy seaborn skimage sklearn tensorboard tensorwatch termcolor torchvision "
    "transforms3d xgboost"
).split()
QUERIES, RUNS = 100, 3
# As searcher_bench (100 queries): the published settings of both projects.
SEARCH = {
    "random": dict(fidelity=-1),
    "evolution": dict(population_size=30, sample_size=10),
    "local": dict(num_init=10),
    "bananas": dict(k=10, num_init=10, num_ensemble=3, predictor_type="bananas", acq_fn_type="its",
                    acq_fn_optimization="mutation", encoding_type="path", num_arches_to_mutate=5,
                    max_mutations=1, num_candidates=200),
}


class EmptyType(type):
    """A class whose every attribute is another such class."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return EmptyType(name, (), {"__init__": lambda self, *a, **k: None})


class StandIn(types.ModuleType):
    """A module in which every name is such a class."""

    __path__ = []

    def __getattr__(self, name):
        return EmptyType.__getattr__(self, name)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last: only for what is not installed."""

    used = set()

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in STAND_INS:
            return None
        self.used.add(name.split(".")[0])
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def read_table(path):
    """NASLib's nb201_data: text -> data set -> measure -> values by epoch."""
    table = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            accuracy = float(row["c10_valid_12ep"])
            table[row["arch_str"]] = {
                "cifar10-valid": {"eval_acc1es": [accuracy], "train_acc1es": [accuracy], "cost_info": {"train_time": 0}}
            }
    return {"nb201_data": table}


def settings(name):
    search = types.SimpleNamespace(epochs=QUERIES, seed=0, **SEARCH[name])
    return types.SimpleNamespace(dataset="cifar10", search=search)


def run(kind, name, space, api, seed):
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    searcher = kind(settings(name))
    searcher.adapt_search_space(space, dataset_api=api)
    start = time.thread_time()
    for epoch in range(QUERIES):
        searcher.new_epoch(epoch)
    microseconds = (time.thread_time() - start) / QUERIES * 1e6
    best = searcher.get_final_architecture()
    from naslib.search_spaces.core.query_metrics import Metric

    return microseconds, best.query(Metric.VAL_ACCURACY, "cifar10", dataset_api=api)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.path.insert(0, sys.argv[1])
    sys.meta_path.append(StandIns())
    collections.Iterable = collections.abc.Iterable  # gone since Python 3.10
    logging.disable(logging.INFO)
    import torch

    torch.set_num_threads(1)
    from naslib.optimizers.discrete.bananas.optimizer import Bananas
    from naslib.optimizers.discrete.ls.optimizer import LocalSearch
    from naslib.optimizers.discrete.re.optimizer import RegularizedEvolution
    from naslib.optimizers.discrete.rs.optimizer import RandomSearch
    from naslib.search_spaces.nasbench201.graph import NasBench201SearchSpace

    kinds = {"random": RandomSearch, "evolution": RegularizedEvolution, "local": LocalSearch, "bananas": Bananas}
    print("stand-ins: " + " ".join(sorted(StandIns.used)))
    api = read_table(sys.argv[2])
    print("%-20s %14s %14s" % ("searcher", "us a query", "mean accuracy"))
    for wish in sys.argv[3:] or ["random:light", "evolution:light", "local:light", "random", "evolution", "local"]:
        name, _, setting = wish.partition(":")
        space = NasBench201SearchSpace()
        space.instantiate_model = setting != "light"
        runs = [run(kinds[name], name, space, api, seed) for seed in range(RUNS)]
        times, accuracies = zip(*runs)
        print("%-20s %14.0f %14.3f" % (wish, statistics.median(times), statistics.mean(accuracies)), flush=True)


if __name__ == "__main__":
    main()
