"""Optimizers that need numpy, scipy, scikit-learn and optuna at most. Each proposes a cell that wasn't
measured, learns what was, and says what it would recommend."""
import json
import math
import os
import subprocess
import time

import numpy as np


class Rival:
    """Of a library that proposes a cell again: it is told the known value and asked anew, three times; then
    the nearest unmeasured cell is taken."""

    def __init__(self, problem, seed, budget):
        self.problem, self.seed, self.budget = problem, seed, budget
        self.random = np.random.default_rng(seed * 7919 + 17)
        self.seen = {}

    def propose(self):
        raise NotImplementedError

    def learn(self, observation):
        pass

    def repeat(self, cell):
        pass

    def ask(self):
        for _ in range(4):
            cell = self.propose()
            if cell not in self.seen:
                return cell
            self.repeat(cell)
        open_cells = self.open()
        distance = np.abs(self.problem.levels[open_cells] - self.problem.levels[cell]).sum(1)
        return int(self.random.choice(open_cells[distance == distance.min()]))

    def tell(self, observation):
        self.seen[observation["cell"]] = observation
        self.learn(observation)

    def open(self):
        closed = np.zeros(self.problem.count, bool)
        closed[list(self.seen)] = True
        return np.flatnonzero(~closed)

    def recommend(self):
        """The best that was observed as feasible, as most tools do."""
        feasible = [o for o in self.seen.values() if o["feasible"]]
        if not feasible:
            return None
        return max(feasible, key=lambda o: self.problem.sign * o["objective"])["cell"]

    def log_parts(self, observation):
        """log objective (greater is better) and log excess; a failed start counts as the worst seen, and as twice
        the bound."""
        if not observation["oom"]:
            return (self.problem.sign * math.log(max(observation["objective"], 1e-12)),
                    math.log(max(observation["excess"], 1e-9)))
        ran = [self.log_parts(o) for o in self.seen.values() if not o["oom"]]
        return min((p[0] for p in ran), default=0.0), max([p[1] for p in ran] + [math.log(2)])

    def close(self):
        pass


class Random(Rival):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.order = list(self.random.permutation(self.problem.count))

    def propose(self):
        return int(self.order.pop())


class Sobol(Rival):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        from scipy.stats import qmc
        self.sequence = qmc.Sobol(len(self.problem.knobs), scramble=True, seed=self.seed)
        self.points = []

    def ask(self):
        while True:
            if not self.points:
                self.points = list(self.sequence.random(64))[::-1]
            point = self.points.pop()
            cell = self.problem.nearest(
                [min(int(x * len(k["values"])), len(k["values"]) - 1) for x, k in zip(point, self.problem.knobs)])
            if cell not in self.seen:
                return cell


class HillClimbing(Rival):
    """From the middle of every knob: measure all neighbours (one level up or down, any other category), move to the
    best, begin elsewhere at random when none is better."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.home = self.problem.nearest([len(k["values"]) // 2 for k in self.problem.knobs])

    def score(self, cell):
        o = self.seen[cell]
        if o["feasible"]:
            return self.problem.sign * o["objective"]
        return -1e30 if o["oom"] else -1e20 - o["excess"]

    def neighbours(self, cell):
        for j, knob in enumerate(self.problem.knobs):
            here = self.problem.levels[cell, j]
            steps = ([v for v in range(len(knob["values"])) if v != here]
                     if knob["kind"] == "categorical" else [here - 1, here + 1])
            for level in steps:
                levels = list(self.problem.levels[cell])
                levels[j] = level
                found = self.problem.cells.get(tuple(int(v) for v in levels))
                if found is not None:
                    yield found

    def ask(self):
        while True:
            if self.home not in self.seen:
                return self.home
            neighbours = list(self.neighbours(self.home))
            fresh = [c for c in neighbours if c not in self.seen]
            if fresh:
                return int(self.random.choice(fresh))
            best = max(neighbours, key=self.score)
            better = self.score(best) > self.score(self.home)
            self.home = best if better else int(self.random.choice(self.open()))


class GPUCB(Rival):
    """GP-UCB as the Morphling paper has it as a baseline: one plain Gaussian process (Matérn 5/2, scikit-learn) of the
    objective, which is 0 where a configuration failed or broke the bound; greatest μ + 2σ over all unmeasured cells.
    8 random configurations first; hyperparameters anew at every trial up to 40, then at every fourth."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.inputs = self.problem.units()
        self.kernel = None

    def propose(self):
        import warnings
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
        warnings.filterwarnings("ignore")
        if len(self.seen) < 8:
            return int(self.random.choice(self.open()))
        cells = list(self.seen)
        scale = max(o["objective"] for o in self.seen.values() if not o["oom"]) if any(
            not o["oom"] for o in self.seen.values()) else 1.0
        y = np.array([self.problem.sign * o["objective"] / scale if o["feasible"] else 0.0
                      for o in self.seen.values()])
        first = self.kernel or (
            ConstantKernel(1.0) * Matern(np.full(self.inputs.shape[1], 0.5), (0.05, 20), nu=2.5)
            + WhiteKernel(0.01, (1e-6, 1)))
        fits = self.kernel is None or len(cells) <= 40 or len(cells) % 4 == 0
        gp = GaussianProcessRegressor(
            first, normalize_y=bool(y.std() > 0), optimizer="fmin_l_bfgs_b" if fits else None)
        gp.fit(self.inputs[cells], y)
        self.kernel = gp.kernel_
        open_cells = self.open()
        mean, deviation = gp.predict(self.inputs[open_cells], return_std=True)
        return int(open_cells[np.argmax(mean + 2 * deviation)])


class TPE(Rival):
    """Optuna's tree-structured Parzen estimator with its constraints; ordinals as level numbers."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        import optuna
        import warnings
        warnings.filterwarnings("ignore")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(
            seed=self.seed, constraints_func=lambda trial: trial.user_attrs.get("excess", (1.0,)))
        self.study = optuna.create_study(direction="maximize", sampler=sampler)
        self.trial = None

    def propose(self):
        self.trial = self.study.ask()
        levels = []
        for knob in self.problem.knobs:
            count = len(knob["values"])
            levels.append(
                self.trial.suggest_categorical(knob["name"], list(range(count)))
                if knob["kind"] == "categorical" else self.trial.suggest_int(knob["name"], 0, count - 1))
        return self.problem.nearest(levels)

    def repeat(self, cell):
        self.learn(self.seen[cell])

    def learn(self, observation):
        import optuna
        value, excess = self.log_parts(observation)
        if self.trial is not None:
            self.trial.set_user_attr("excess", (excess,))
            self.study.tell(self.trial, value)
            self.trial = None
            return
        # The runner's choice after too many repeats: nobody asked for it.
        levels = [int(v) for v in self.problem.levels[observation["cell"]]]
        distributions = {
            k["name"]: optuna.distributions.CategoricalDistribution(list(range(len(k["values"]))))
            if k["kind"] == "categorical" else optuna.distributions.IntDistribution(0, len(k["values"]) - 1)
            for k in self.problem.knobs}
        self.study.add_trial(optuna.trial.create_trial(
            params={k["name"]: v for k, v in zip(self.problem.knobs, levels)}, distributions=distributions,
            value=value, user_attrs={"excess": (excess,)}, system_attrs={"constraints": (excess,)}))


class Morphling(Rival):
    """`morphling optimize`, spoken to by the ask-tell protocol."""

    def __init__(self, problem, seed, budget):
        super().__init__(problem, seed, budget)
        self.child = subprocess.Popen(
            [os.environ.get("MORPHLING", ".build/release/morphling"), "optimize"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        message = {k: v for k, v in problem.message.items() if k != "exact"}
        message.update(seed=seed, budget=budget)
        if os.environ.get("MORPHLING_PRIOR"):
            message["prior"] = os.environ["MORPHLING_PRIOR"]
        self.say({"init": message})
        self.bound = None

    def say(self, message):
        self.child.stdin.write(json.dumps(message) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("morphling ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def ask(self):
        return self.problem.cell(self.say({"ask": 1})["configs"][0])

    def learn(self, o):
        told = {k: o[k] for k in ("metrics", "feasible", "oom", "objective")}
        self.say({"tell": [{"knobs": self.problem.values(o["cell"]), **told}]})

    def recommend(self):
        answer = self.say({"recommend": True})
        self.bound = answer["regret"]
        return self.problem.cell(answer["config"]) if answer["config"] else None

    def processor_time(self):
        with open(f"/proc/{self.child.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.child.stdin.close()
        self.child.wait()
