"""Problems as `search-benchmark export` writes them: NAME.json, the init message of the ask-tell protocol,
and NAME.csv, a row for each cell. Noise follows from problem, seed, cell and replicate by the rule of
`BenchmarkProblem.swift`, so that every optimizer that measures the same sees the same."""
import csv
import json
import math
import os

import numpy as np

MASK = (1 << 64) - 1


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def unit(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        return ((z >> 11) + 0.5) * 2.0**-53


def normal(text):
    generator = SplitMix64(fnv1a(text))
    radius = math.sqrt(-2 * math.log(generator.unit()))
    return radius * math.cos(2 * math.pi * generator.unit())


class Problem:
    def __init__(self, folder, name):
        with open(os.path.join(folder, name + ".json")) as file:
            self.message = json.load(file)
        self.name = name
        self.knobs = self.message["knobs"]
        self.metrics = sorted(self.message["metrics"])
        self.exact = set(self.message.get("exact", []))
        self.bounds = [c for c in [self.message.get("constraint")] if c] + self.message.get("constraints", [])
        with open(os.path.join(folder, name + ".csv")) as file:
            rows = list(csv.DictReader(file))
        self.count = len(rows)
        self.levels = np.zeros((self.count, len(self.knobs)), int)
        for j, knob in enumerate(self.knobs):
            values = [str(v) if knob["kind"] == "categorical" else float(v) for v in knob["values"]]
            position = {v: i for i, v in enumerate(values)}
            read = str if knob["kind"] == "categorical" else float
            self.levels[:, j] = [position[read(row[knob["name"]])] for row in rows]
        self.cells = {tuple(row): i for i, row in enumerate(self.levels.tolist())}
        self.truth = [
            {m: float(row[m]) for m in self.metrics} if row["feasible"] == "1" else None for row in rows]
        self.sign = 1 if self.message.get("maximize", True) else -1
        self.code = compile(self.message["objective"], name, "eval")
        values = [None if t is None or self.excess(t) > 1 else self.objective(i, t)
                  for i, t in enumerate(self.truth)]
        best = max(self.sign * v for v in values if v is not None)
        self.best = self.sign * best
        # Of each cell: how much worse than the best; None where it is truly infeasible.
        self.regret = [None if v is None else self.sign * (self.best - v) / self.best for v in values]

    def objective(self, cell, metrics):
        names = {k["name"]: k["values"][self.levels[cell, j]]
                 for j, k in enumerate(self.knobs) if k["kind"] == "ordinal"}
        names.update(metrics, log=math.log, sqrt=math.sqrt, minimum=min, maximum=max)
        return eval(self.code, {"__builtins__": {}}, names)

    def excess(self, metrics):
        """The greatest metric as a multiple of its bound."""
        return max((metrics[b["metric"]] / b["max"] for b in self.bounds), default=0.0)

    def measure(self, cell, seed, noise, replicate=0):
        truth = self.truth[cell]
        if truth is None:
            return {"cell": cell, "oom": True, "feasible": False, "metrics": {}, "objective": None, "excess": None}
        metrics = {}
        for number, metric in enumerate(self.metrics):
            draw = normal(f"{self.name}|{seed}|{cell}|{replicate}|{number}")
            metrics[metric] = truth[metric] * (1 if metric in self.exact else math.exp(noise * draw))
        excess = self.excess(metrics)
        return {"cell": cell, "oom": False, "feasible": excess <= 1, "metrics": metrics,
                "objective": self.objective(cell, metrics), "excess": excess}

    def values(self, cell):
        """The configuration as the protocol writes it."""
        return {k["name"]: k["values"][self.levels[cell, j]] for j, k in enumerate(self.knobs)}

    def cell(self, values):
        return self.cells[tuple(k["values"].index(values[k["name"]]) for k in self.knobs)]

    def nearest(self, levels):
        """The cell with these level numbers, or the nearest one where it isn't in the grid."""
        found = self.cells.get(tuple(int(v) for v in levels))
        return found if found is not None else int(np.argmin(np.abs(self.levels - np.asarray(levels)).sum(1)))

    def units(self):
        """Ordinals on 0…1 by their scale, categoricals one-hot, scaled so that two differ by 1."""
        columns = []
        for j, knob in enumerate(self.knobs):
            if knob["kind"] == "categorical":
                columns.append(np.eye(len(knob["values"]))[self.levels[:, j]] / math.sqrt(2))
                continue
            values = np.asarray(knob["values"], float)
            if knob.get("scale") == "log" and values[0] > 0:
                values = np.log(values)
            spread = values[-1] - values[0]
            columns.append(((values - values[0]) / (spread or 1))[self.levels[:, j]][:, None])
        return np.concatenate(columns, 1)
