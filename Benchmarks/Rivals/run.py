"""Runs one optimizer on exported problems; a line of JSON a run, and runs that are there already are skipped.

    python run.py --peer tpe --problems .benchmark/problems --results .benchmark/results --seeds 20 --budget 144
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import glob
import importlib
import json
import sys
import time

from problem import Problem

PEERS = {
    "random": ("rivals", "Random"), "sobol": ("rivals", "Sobol"), "hill-climbing": ("rivals", "HillClimbing"),
    "gp-ucb": ("rivals", "GPUCB"), "tpe": ("rivals", "TPE"), "morphling-filter": ("rivals", "Morphling"),
    "botorch": ("libraries", "BoTorch"), "ax": ("libraries", "Ax"), "hebo": ("libraries", "HEBO"),
}


def search(problem, peer, seed, budget, noise, checkpoints, until_exact):
    module, name = PEERS[peer]
    rival = getattr(importlib.import_module(module), name)(problem, seed, budget)
    cells, verdicts, near, exact, milliseconds = [], [], None, None, []
    clock = getattr(rival, "processor_time", time.process_time)
    while len(cells) < min(budget, problem.count):
        begin = clock()
        cell = rival.ask()
        milliseconds.append(1e3 * (clock() - begin))
        rival.tell(problem.measure(cell, seed, noise, cells.count(cell)))
        cells.append(cell)
        regret = problem.regret[cell]
        if regret is not None and regret <= 0.01 and near is None:
            near = len(cells)
        if regret is not None and regret <= 0 and exact is None:
            exact = len(cells)
        done = until_exact and exact is not None and len(cells) >= max(checkpoints)
        if len(cells) in checkpoints or done or len(cells) == budget:
            chosen = rival.recommend()
            found = None if chosen is None else problem.regret[chosen]
            verdicts.append({
                "trials": len(cells), "cell": chosen, "regret": 1.0 if found is None else found,
                "feasible": found is not None, "bound": getattr(rival, "bound", None)})
        if done:
            break
    rival.close()
    tried = cells[:max(checkpoints)]
    return {
        "problem": problem.name, "peer": peer, "seed": seed, "noise": noise, "budget": budget,
        "cells": [int(c) for c in cells], "near": near, "exact": exact,
        "infeasible": sum(problem.regret[c] is None for c in tried) / len(tried), "stop": None,
        "verdicts": verdicts, "ask_ms": sorted(milliseconds)[len(milliseconds) // 2],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True, choices=sorted(PEERS))
    parser.add_argument("--problems", default=".benchmark/problems")
    parser.add_argument("--only", nargs="*", help="problems by name")
    parser.add_argument("--results", default=".benchmark/results")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--budget", type=int, default=144)
    parser.add_argument("--noise", type=float, default=0.03)
    parser.add_argument("--checkpoints", type=int, nargs="*", default=[36])
    parser.add_argument("--until-exact", action="store_true", help="end a run when the best was measured")
    options = parser.parse_args()
    module, _ = PEERS[options.peer]
    try:
        importlib.import_module(module)
        if options.peer in ("botorch", "ax", "hebo"):
            importlib.import_module(options.peer)
    except ImportError as error:
        print(f"{options.peer} is left out: {error}")
        return
    os.makedirs(options.results, exist_ok=True)
    path = os.path.join(options.results, options.peer + ".jsonl")
    done = set()
    if os.path.exists(path):
        for line in open(path):
            run = json.loads(line)
            done.add((run["problem"], run["seed"], run["noise"]))
    files = sorted(f for f in glob.glob(os.path.join(options.problems, "*.json")))
    names = options.only or [os.path.basename(f)[:-5] for f in files]
    with open(path, "a") as log:
        for seed in range(options.seeds):
            for name in names:
                if (name, seed, options.noise) in done:
                    continue
                run = search(Problem(options.problems, name), options.peer, seed, options.budget, options.noise,
                             options.checkpoints, options.until_exact)
                log.write(json.dumps(run) + "\n")
                log.flush()
                print(options.peer, name, "seed", seed, "near", run["near"], "exact", run["exact"],
                      f"ask {run['ask_ms']:.0f} ms", flush=True)


if __name__ == "__main__":
    sys.exit(main())
