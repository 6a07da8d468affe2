"""Numbers that the Gaussian process is held against, from implementations that share nothing with it:
scikit-learn where it has the same model, else the definitions in mpmath with 60 digits.

    pip install scikit-learn mpmath
    python3 reference.py > ReferenceNumbers.swift
"""
import math
import mpmath as mp
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

mp.mp.dps = 60


def swift(name, doc, values):
    items = ", ".join(repr(float(v)) for v in values)
    lines, line = [], "   "
    for item in items.split(", "):
        if len(line) + len(item) + 2 > 98:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    lines.append(line.rstrip(","))
    print(f"  /// {doc}\n  static let {name}: [Double] = [\n" + "\n".join(lines) + ",\n  ]")


def grid(count, dimensions):
    """Points that need no generator: a Kronecker sequence."""
    roots = [2, 3, 5, 7, 11]
    return np.array([[((i + 1) * math.sqrt(roots[k])) % 1 for k in range(dimensions)] for i in range(count)])


def scikit():
    x = grid(14, 3)
    y = np.sin(4 * x[:, 0]) + x[:, 1] - 0.5 * x[:, 2] ** 2
    lengths, signal, trend, noise = np.array([0.4, 0.9, 1.7]), 0.7, 0.35, 0.02
    kernel = (ConstantKernel(1.0, "fixed")
              + ConstantKernel(trend) * DotProduct(0.0, "fixed")
              + ConstantKernel(signal) * Matern(2 * lengths, nu=2.5)
              + WhiteKernel(noise))
    model = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(2 * x - 1, y)
    value, gradient = model.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    names = [h.name for h in kernel.hyperparameters if not h.fixed]
    assert len(gradient) == 6, names
    # scikit-learn's order: trend, signal, length scales, noise.
    ordered = list(gradient[2:5]) + [gradient[1], gradient[0], gradient[5]]
    points = grid(20, 3)[15:]
    mean, deviation = model.predict(2 * points - 1, return_std=True)
    swift("inputs", "14 points of 3 coordinates.", x.ravel())
    swift("values", "Observed there.", y)
    swift("hyperparameters", "ℓ₁, ℓ₂, ℓ₃, σ², τ², ν².", list(lengths) + [signal, trend, noise])
    swift("logLikelihood", "scikit-learn: the logarithm of the marginal likelihood.", [value])
    swift("gradient", "scikit-learn: its gradient by the logarithms of the hyperparameters.", ordered)
    swift("points", "5 more points.", points.ravel())
    swift("means", "scikit-learn: means there.", mean)
    # scikit-learn's deviation is of the function with its noise, as the kernel holds the noise.
    swift("variances", "scikit-learn: variances there, without the noise.", deviation ** 2 - noise)


def exact(vector, rows, values, factors):
    """log p(y) of two ordinals and a category of three, by its definition."""
    lengths, signal, trend, noise, offsets = vector[:3], vector[3], vector[4], vector[5], vector[6:]
    n = len(values)
    k = mp.matrix(n, n)
    for i in range(n):
        for j in range(n):
            a, b = rows[i], rows[j]
            r2 = sum(((a[d] - b[d]) / mp.exp(lengths[d])) ** 2 for d in range(2))
            if a[2] != b[2]:
                r2 += sum(1 / mp.exp(lengths[2] + offsets[int(c[2])]) ** 2 for c in (a, b)) / 2
            r = mp.sqrt(5 * r2)
            k[i, j] = (1 + mp.exp(trend) * sum((2 * a[d] - 1) * (2 * b[d] - 1) for d in range(2))
                       + mp.exp(signal) * (1 + r + r * r / 3) * mp.exp(-r))
        k[i, i] += mp.exp(noise) * factors[i]
    y = mp.matrix(values)
    alpha = mp.lu_solve(k, y)
    return -(y.T * alpha)[0] / 2 - mp.log(mp.det(k)) / 2 - mp.mpf(n) / 2 * mp.log(2 * mp.pi)


def precise():
    rows = [[mp.mpf(a), mp.mpf(b), c] for a, b, c in
            [("0.125", "0", 0), ("0.25", "1", 1), ("0.5", "0.375", 0), ("0.875", "0.625", 2),
             ("1", "0.125", 1), ("0.5", "0.375", 2), ("0.125", "0", 0)]]
    values = [mp.mpf(v) for v in ["-1.25", "0.25", "0.125", "0.875", "1.0625", "0.5", "-1.125"]]
    factors = [mp.mpf(f) for f in ["1", "4", "0.5", "1", "2", "1", "8"]]
    vector = [mp.mpf(v) for v in
              ["-0.75", "-0.25", "0.25", "-0.375", "-1", "-4.5", "-0.25", "0.125", "0.5"]]
    value = exact(vector, rows, values, factors)
    gradient = []
    for index in range(len(vector)):
        def along(t, index=index):
            moved = list(vector)
            moved[index] = t
            return exact(moved, rows, values, factors)
        gradient.append(mp.diff(along, vector[index]))
    swift("mixedRows", "Two ordinals and a category, 7 points, one twice.", [v for row in rows for v in row])
    swift("mixedValues", "Observed there.", values)
    swift("mixedFactors", "How much noisier than ν² each is.", factors)
    swift("mixedVector", "log ℓ₁, log ℓ₂, log ℓ₃, log σ², log τ², log ν², η of each category.", vector)
    swift("mixedLogLikelihood", "mpmath: the logarithm of the marginal likelihood.", [value])
    swift("mixedGradient", "mpmath: its gradient.", gradient)


def cdf(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def pdf(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def tails():
    z = [mp.mpf(v) for v in ["8", "1", "0", "-0.5", "-1", "-1.5", "-3", "-5", "-9.75", "-10.25", "-19.5",
                             "-20.5", "-26", "-37", "-38.5", "-100", "-1000", "-9999", "-10001", "-1000000"]]
    swift("tailPoints", "From the middle to far beyond where exp gives 0 (at −38.6).", z)
    mp.mp.dps = 400
    swift("logProbabilities", "mpmath: log Φ(z).", [mp.log(cdf(v)) for v in z])
    swift("logImprovements", "mpmath: log(φ(z) + z Φ(z)).", [mp.log(pdf(v) + v * cdf(v)) for v in z])
    mp.mp.dps = 60


def censored():
    """A value of 0.8 seen at x = 0.2, one of at most −0.3 at x = 0.7; the function at 0.45 and 0.7."""
    length, signal, trend, noise = mp.mpf("0.5"), mp.mpf("0.8"), mp.mpf("0.25"), mp.mpf("0.0625")
    def k(a, b):
        s = mp.sqrt(5) * abs(a - b) / length
        return 1 + trend * (2 * a - 1) * (2 * b - 1) + signal * (1 + s + s * s / 3) * mp.exp(-s)
    seen, bounded = mp.mpf("0.2"), mp.mpf("0.7")
    def given(a, b):
        return k(a, b) - k(a, seen) * k(seen, b) / (k(seen, seen) + noise)
    def mean(a):
        return k(a, seen) / (k(seen, seen) + noise) * mp.mpf("0.8")
    results = []
    v = given(bounded, bounded)
    m = mean(bounded)
    def weight(f):
        return cdf((mp.mpf("-0.3") - f) / mp.sqrt(noise)) * pdf((f - m) / mp.sqrt(v))
    ends = [m - 12 * mp.sqrt(v), mp.mpf("-0.3"), m, m + 12 * mp.sqrt(v)]
    ends = sorted(ends)
    mp.mp.dps = 30
    mass = mp.quad(weight, ends)
    first = mp.quad(lambda f: f * weight(f), ends) / mass
    second = mp.quad(lambda f: f * f * weight(f), ends) / mass
    for x in (mp.mpf("0.45"), bounded):
        slope = given(x, bounded) / v
        results.append((mean(x) + slope * (first - m),
                        given(x, x) - slope ** 2 * v + slope ** 2 * (second - first ** 2)))
    mp.mp.dps = 60
    swift("censoredMeans", "mpmath, by integration: means after one value seen and one bounded.",
          [r[0] for r in results])
    swift("censoredVariances", "mpmath, by integration: variances of the same.", [r[1] for r in results])


print("// Made by reference.py; see there.\n")
print("enum ReferenceNumbers {")
scikit()
precise()
tails()
censored()
print("}")
