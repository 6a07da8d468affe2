"""Processor time of a proposal and of a fit: ours beside numpy, scikit-learn and BoTorch doing the same work in the
same run. Writes speed.md into the results.

    python speed.py --ours .build/release/search-benchmark --results .benchmark/results [--botorch PYTHON]
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import json
import math
import resource
import subprocess
import sys
import time
import warnings

import numpy as np


def timed(work, repeats):
    taken = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        taken.append(1e3 * (time.process_time() - begin))
    return sorted(taken)[len(taken) // 2]


class PlainGP:
    """Matérn 5/2 with a length scale for each dimension and noise, in numpy and scipy: maximum a posteriori by
    L-BFGS with gradients."""

    def __init__(self, x, y):
        from scipy.optimize import minimize
        self.x, self.mean, self.spread = x, y.mean(), y.std() or 1.0
        self.y = (y - self.mean) / self.spread
        self.squares = (x[:, None, :] - x[None, :, :]) ** 2
        self.theta = minimize(
            self.loss, np.r_[np.full(x.shape[1], math.log(0.6)), math.log(0.02)], jac=True, method="L-BFGS-B",
            bounds=[(-4, 4)] * x.shape[1] + [(-11, 0)], options={"maxiter": 60}).x
        k, _, _ = self.kernel(self.theta)
        self.lower = np.linalg.cholesky(k)
        self.alpha = np.linalg.solve(self.lower.T, np.linalg.solve(self.lower, self.y))

    def kernel(self, theta):
        r = np.sqrt(5 * (self.squares @ np.exp(-2 * theta[:-1])))
        decay = np.exp(-r)
        k = (1 + r + r * r / 3) * decay
        k.flat[::len(k) + 1] = 1 + math.exp(theta[-1]) + 1e-8
        return k, r, decay

    def loss(self, theta):
        from scipy.linalg import cho_factor, cho_solve
        k, r, decay = self.kernel(theta)
        factor = cho_factor(k, lower=True)
        alpha = cho_solve(factor, self.y)
        w = np.outer(alpha, alpha) - cho_solve(factor, np.eye(len(k)))
        slope = w * (5 / 3) * (1 + r) * decay
        gradient = np.empty(len(theta))
        gradient[:-1] = 0.5 * np.exp(-2 * theta[:-1]) * np.einsum("ij,ijk->k", slope, self.squares)
        gradient[-1] = 0.5 * math.exp(theta[-1]) * np.trace(w)
        z = theta + 0.5
        value = 0.5 * self.y @ alpha + np.log(np.diag(factor[0])).sum() + 0.05 * z @ z
        return value, 0.1 * z - gradient

    def predict(self, points):
        scale = np.exp(-self.theta[:-1])
        a, b = self.x * scale, points * scale
        r = np.sqrt(5 * np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T, 0))
        k = (1 + r + r * r / 3) * np.exp(-r)
        from scipy.linalg import solve_triangular
        v = solve_triangular(self.lower, k, lower=True)
        return (self.mean + self.spread * (self.alpha @ k),
                self.spread * np.sqrt(np.maximum(1 - (v * v).sum(0), 1e-10)))


def data(trials, points, seed=0):
    random = np.random.default_rng(seed)
    grid = random.random((points, 5))
    x = grid[random.permutation(points)[:trials]]
    return grid, x, [np.log(1 + x @ [1, 2, 0, 1, 3]) + 0.03 * random.standard_normal(trials),
                     np.log(1 + x @ [2, 0, 1, 3, 0]) + 0.03 * random.standard_normal(trials)]


def numpy_ask(trials, points):
    from scipy.special import log_ndtr
    grid, x, parts = data(trials, points)

    def ask():
        (mean, deviation), (other, spread) = [PlainGP(x, y).predict(grid) for y in parts]
        z = (mean - parts[0].max()) / deviation
        improvement = np.exp(-z * z / 2) / 2.5066 + z * np.exp(log_ndtr(z))
        return np.argmax(np.log(np.maximum(improvement, 1e-300)) + np.log(deviation) + log_ndtr(-other / spread))
    return ask


def sklearn_ask(trials, points):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    grid, x, parts = data(trials, points)

    def ask():
        for y in parts:
            gp = GaussianProcessRegressor(
                ConstantKernel(1.0) * Matern(np.full(5, 0.6), nu=2.5) + WhiteKernel(0.02), normalize_y=True)
            gp.fit(x, y).predict(grid, return_std=True)
    return ask


def botorch_ask(trials, points):
    import torch
    from botorch.acquisition.logei import qLogNoisyExpectedImprovement
    from botorch.acquisition.objective import GenericMCObjective
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import ModelListGP, SingleTaskGP
    from botorch.optim import optimize_acqf_discrete
    from botorch.sampling import SobolQMCNormalSampler
    from gpytorch.mlls import ExactMarginalLogLikelihood
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.double)
    grid, x, parts = data(trials, points)

    def ask():
        models = []
        for y in parts:
            model = SingleTaskGP(torch.tensor(x), torch.tensor(y)[:, None])
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
            models.append(model)
        acquisition = qLogNoisyExpectedImprovement(
            ModelListGP(*models), X_baseline=torch.tensor(x), prune_baseline=True,
            sampler=SobolQMCNormalSampler(torch.Size([128]), seed=0),
            objective=GenericMCObjective(lambda Z, X=None: Z[..., 0]), constraints=[lambda Z: Z[..., 1] - 1])
        with torch.no_grad():
            optimize_acqf_discrete(acquisition, q=1, choices=torch.tensor(grid), max_batch_size=256)
    return ask


def numpy_predict():
    grid, x, parts = data(200, 100_000)
    gp = PlainGP(x, parts[0])
    return lambda: gp.predict(grid)


# What each does, and how often; the median counts.
WORK = {"numpy": (numpy_ask, 3), "scikit-learn": (sklearn_ask, 1), "BoTorch": (botorch_ask, 1)}


def alone(library):
    """In a process of its own, so that its peak of memory is its own: milliseconds of each work, and MiB."""
    ask, repeats = WORK[library]
    found = {f"ask_720_at_{n}": timed(ask(n, 720), repeats) for n in (50, 150)}
    if library == "numpy":
        found["predict_100000_at_200"] = timed(numpy_predict(), repeats)
    found["peak_memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def child(python, library):
    """Nothing where the library isn't there."""
    run = subprocess.run([python, __file__, "--only", library], capture_output=True, text=True)
    return json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else {}


def main():
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", default=".build/release/search-benchmark")
    parser.add_argument("--results", default=".benchmark/results")
    parser.add_argument("--botorch", help="the Python of an environment that has BoTorch")
    parser.add_argument("--only", choices=WORK, help="this library's times alone, as JSON")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(alone(options.only)))
        return
    run = subprocess.run([options.ours, "speed"], check=True, capture_output=True, text=True)
    ours = json.loads(run.stdout)
    plain, learn = child(sys.executable, "numpy"), child(sys.executable, "scikit-learn")
    torch = child(options.botorch, "BoTorch") if options.botorch and os.path.exists(options.botorch) else {}
    rows = [("one proposal, 720 configurations, 50 trials", "ask_720_at_50", 10),
            ("one proposal, 720 configurations, 150 trials", "ask_720_at_150", 60),
            ("one surrogate at 100,000 configurations, 200 trials", "predict_100000_at_200", 1000),
            ("one proposal, 100,000 configurations, 200 trials", "ask_100000_at_200", 1000)]
    lines = ["## Speed", "", "Milliseconds of processor time on one thread; of others, as multiples of ours.", "",
             "| work | goal | ours | numpy | scikit-learn | BoTorch |", "|---|---|---|---|---|---|"]
    for name, key, goal in rows:
        own = ours[key]["ms"]
        cells = [f"× {of[key] / own:.1f}" if key in of else "–" for of in (plain, learn, torch)]
        lines.append(f"| {name} | < {goal} | {own:.1f} | " + " | ".join(cells) + " |")
    memory = [of.get("peak_memory_mib") for of in (ours, plain, learn, torch)]
    lines.append("| peak memory, MiB | | " + " | ".join(f"{m:.0f}" if m else "–" for m in memory) + " |")
    fit = ours["fit_1000"]
    lines += ["", f"Marginal likelihood with gradient at 1,000 observations: {fit['evaluation_ms']:.0f} ms, "
              f"{fit['ratio']:.2f} times its factorization and inverse alone (goal: 2).",
              "The memory is that of a process which did its column and nothing else."]
    with open(os.path.join(options.results, "speed.md"), "w") as file:
        file.write("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
