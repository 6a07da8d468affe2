"""Rivals that bring a library of some gigabytes: BoTorch, Ax, HEBO."""
import contextlib
import io
import math
import warnings

import numpy as np

from rivals import Rival, Sobol

warnings.filterwarnings("ignore")


class BoTorch(Rival):
    """As its tutorials build it: exact GPs of log objective, log excess, and of an indicator of failed starts;
    qLogNoisyExpectedImprovement with outcome constraints over every unmeasured cell. 10 Sobol points first.
    Recommends the measured cell of the best posterior mean whose mean constraints hold."""
    first = 10

    def __init__(self, *arguments):
        super().__init__(*arguments)
        import torch
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.double)
        torch.manual_seed(self.seed)
        self.inputs = torch.tensor(self.problem.units())
        self.design = Sobol(*arguments)

    def model(self):
        import torch
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import ModelListGP, SingleTaskGP
        from botorch.models.transforms import Standardize
        from gpytorch.mlls import ExactMarginalLogLikelihood

        def gp(cells, values):
            y = torch.tensor(values)[:, None]
            one = SingleTaskGP(
                self.inputs[cells], y, outcome_transform=Standardize(1) if y.std() > 1e-9 else None)
            fit_gpytorch_mll(ExactMarginalLogLikelihood(one.likelihood, one))
            return one
        cells = list(self.seen)
        ran = [c for c in cells if not self.seen[c]["oom"]]
        parts = [self.log_parts(self.seen[c]) for c in ran]
        models = [gp(ran, [p[0] for p in parts]), gp(ran, [p[1] for p in parts])]
        if len(ran) < len(cells):
            models.append(gp(cells, [1.0 if self.seen[c]["oom"] else -1.0 for c in cells]))
        return ModelListGP(*models), ran

    def ask(self):
        import torch
        from botorch.acquisition.logei import qLogNoisyExpectedImprovement
        from botorch.acquisition.objective import GenericMCObjective
        from botorch.optim import optimize_acqf_discrete
        from botorch.sampling import SobolQMCNormalSampler
        if len(self.seen) < self.first or sum(not o["oom"] for o in self.seen.values()) < 3:
            self.design.seen = self.seen
            return self.design.ask()
        model, ran = self.model()
        acquisition = qLogNoisyExpectedImprovement(
            model, X_baseline=self.inputs[ran], prune_baseline=True,
            sampler=SobolQMCNormalSampler(torch.Size([128]), seed=self.seed),
            objective=GenericMCObjective(lambda Z, X=None: Z[..., 0]),
            constraints=[lambda Z, i=i: Z[..., i] for i in range(1, len(model.models))])
        open_cells = self.open()
        with torch.no_grad():
            point, _ = optimize_acqf_discrete(
                acquisition, q=1, choices=self.inputs[open_cells], max_batch_size=256)
        return int(open_cells[int(torch.argmin((self.inputs[open_cells] - point).abs().sum(-1)))])

    def recommend(self):
        import torch
        if sum(not o["oom"] for o in self.seen.values()) < 3:
            return super().recommend()
        model, ran = self.model()
        with torch.no_grad():
            means = [m.posterior(self.inputs[ran]).mean.squeeze(-1) for m in model.models[:2]]
        holds = means[1] <= 0
        if not holds.any():
            return super().recommend()
        return ran[int(torch.argmax(torch.where(holds, means[0], torch.tensor(-math.inf))))]


class Ax(Rival):
    """Ax with its own strategy: ordered choices, an outcome constraint, failed starts told as far beyond the
    bound."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        import logging
        import torch
        from ax.service.ax_client import AxClient
        from ax.service.utils.instantiation import ObjectiveProperties
        logging.disable(logging.CRITICAL)
        torch.set_num_threads(1)
        self.client = AxClient(random_seed=self.seed, verbose_logging=False)
        self.client.create_experiment(
            parameters=[{
                "name": k["name"], "type": "choice", "value_type": "int",
                "values": list(range(len(k["values"]))), "is_ordered": k["kind"] == "ordinal",
                "sort_values": k["kind"] == "ordinal",
            } for k in self.problem.knobs],
            objectives={"value": ObjectiveProperties(minimize=False)},
            outcome_constraints=["excess <= 0.0"])
        self.trial = None

    def propose(self):
        parameters, self.trial = self.client.get_next_trial()
        return self.problem.nearest([parameters[k["name"]] for k in self.problem.knobs])

    def repeat(self, cell):
        self.learn(self.seen[cell])

    def learn(self, observation):
        value, excess = self.log_parts(observation)
        if self.trial is None:
            levels = self.problem.levels[observation["cell"]]
            _, self.trial = self.client.attach_trial(
                {k["name"]: int(v) for k, v in zip(self.problem.knobs, levels)})
        self.client.complete_trial(self.trial, {"value": value, "excess": excess})
        self.trial = None


class HEBO(Rival):
    """HEBO, which has no constraints: an infeasible configuration counts as the worst seen."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.optimizers.hebo import HEBO as Optimizer
        torch.set_num_threads(1)
        space = DesignSpace().parse([
            {"name": k["name"], "type": "cat", "categories": list(range(len(k["values"])))}
            if k["kind"] == "categorical"
            else {"name": k["name"], "type": "int", "lb": 0, "ub": len(k["values"]) - 1}
            for k in self.problem.knobs])
        np.random.seed(self.seed)
        torch.manual_seed(self.seed)
        self.optimizer = Optimizer(space, scramble_seed=self.seed)
        self.proposal = None

    def propose(self):
        # It prints each attempt at a factorization.
        with contextlib.redirect_stdout(io.StringIO()):
            self.proposal = self.optimizer.suggest(n_suggestions=1)
        row = self.proposal.iloc[0]
        return self.problem.nearest([int(row[k["name"]]) for k in self.problem.knobs])

    def repeat(self, cell):
        self.learn(self.seen[cell])

    def learn(self, observation):
        value = self.problem.sign * observation["objective"] if observation["feasible"] else 0.0
        if self.proposal is None:
            levels = self.problem.levels[observation["cell"]]
            import pandas
            self.proposal = pandas.DataFrame([{k["name"]: int(v) for k, v in zip(self.problem.knobs, levels)}])
        self.optimizer.observe(self.proposal, np.array([[-value]]))
        self.proposal = None
