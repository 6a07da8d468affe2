"""Tables and regret curves from the lines that runs left: RESULTS.md and regret.svg.

    python report.py --results .benchmark/results --problems .benchmark/problems --output Benchmarks
"""
import argparse
import datetime
import glob
import json
import math
import os
import platform

OURS = "morphling"
ORDER = [OURS, "botorch", "ax", "hebo", "tpe", "gp-ucb", "hill-climbing", "sobol", "random"]


def quantile(values, share):
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.inf


def number(value, digits=0):
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def hits(runs, key):
    return [math.inf if r[key] is None else r[key] for r in runs]


def share(values):
    values = list(values)
    return f"{100 * sum(values) / len(values):.0f} %" if values else "–"


def load(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows] + [""]


def by_problem(runs):
    found = {}
    for run in runs:
        found.setdefault(run["problem"], []).append(run)
    return found


def configurations(run, trials):
    """How many configurations the first trials were of: some may be measured again."""
    return math.inf if trials is None else len(set(run["cells"][:trials]))


def both(values, digits=0):
    """Median and 90th percentile."""
    values = list(values)
    return f"{number(quantile(values, 0.5), digits)}, {number(quantile(values, 0.9), digits)}" if values else "–"


def stopped(runs):
    return [r for r in runs if r["stop"]]


def vouched(runs):
    return [r["stop"] for r in stopped(runs) if r["stop"]["bound"] is not None]


def bound_holds(runs):
    return share(s["regret"] <= s["bound"] + 1e-9 for s in vouched(runs))


# The figures that are asked for: name, goal, what is printed of some runs, and of what the worst problem has most.
FIGURES = [
    ("configurations until one within 1 % of the best: median, 90th percentile", "≤ 12, ≤ 25",
     lambda runs: both(configurations(r, r["near"]) for r in runs),
     lambda runs: quantile([configurations(r, r["near"]) for r in runs], 0.5)),
    ("the same until the best itself", "≤ 18, ≤ 36",
     lambda runs: both(configurations(r, r["exact"]) for r in runs),
     lambda runs: quantile([configurations(r, r["exact"]) for r in runs], 0.5)),
    ("configurations when it stops by itself (5 % are 36)", "≤ 36",
     lambda runs: both(configurations(r, r["stop"]["trials"]) for r in stopped(runs)),
     lambda runs: quantile([configurations(r, r["stop"]["trials"]) for r in stopped(runs)], 0.9)),
    ("trials by then, with those of the same configuration", "",
     lambda runs: both(r["stop"]["trials"] for r in stopped(runs)),
     lambda runs: quantile([r["stop"]["trials"] for r in stopped(runs)], 0.9)),
    ("regret of what it recommends then, %", "≤ 1, ≤ 4",
     lambda runs: both((100 * r["stop"]["regret"] for r in stopped(runs)), 1),
     lambda runs: quantile([r["stop"]["regret"] for r in stopped(runs)], 0.9)),
    ("infeasible share of its trials", "under half of random's",
     lambda runs: f"{100 * sum(r['infeasible'] for r in runs) / len(runs):.0f} %",
     lambda runs: sum(r["infeasible"] for r in runs)),
    ("the recommended one truly meets every constraint", "≥ 97 %",
     lambda runs: share(r["stop"]["feasible"] for r in stopped(runs)),
     lambda runs: -sum(r["stop"]["feasible"] for r in stopped(runs)) / max(len(stopped(runs)), 1)),
]


def goals(plain, again, coverage, coverage_again, warm):
    """The figures that are asked for, beside what was measured."""
    problems = by_problem(again)
    rows = []
    for name, goal, text, badness in FIGURES:
        worst = max(problems, key=lambda p: badness(problems[p]))
        rows.append([name, goal, text(again), text(plain), f"{text(problems[worst])} ({worst})"])
    if coverage:
        rows.append([f"the bound on regret holds ({len({r['problem'] for r in coverage})} drawn services)", "86–97 %",
                     bound_holds(coverage_again), bound_holds(coverage), ""])
        rows.append(["bounds withheld there", "", *(len(runs) - len(vouched(runs)) for runs in (coverage_again, coverage)),
                     ""])
    if warm:
        worst = by_problem(warm)
        hardest = max(worst, key=lambda p: quantile(hits(worst[p], "near"), 0.5))
        rows.append([
            "warm: trials until one within 1 %: median, 90th percentile", "≤ 6 (median)", "",
            both(hits(warm, "near")), f"{number(quantile(hits(worst[hardest], 'near'), 0.5))} ({hardest})"])
    return table(["figure", "goal", "`tune`", "`optimize`", "worst problem of `tune`"], rows)


def side_by_side(peers):
    """Median trials until within 1 %, a row a problem; a run that never got there counts as its budget."""
    problems = sorted(by_problem(peers[OURS]))
    rows = []
    for problem in problems:
        row = [problem]
        for peer in peers:
            runs = by_problem(peers[peer]).get(problem, [])
            row.append(number(quantile(hits(runs, "near"), 0.5)) if runs else "")
        rows.append(row)
    means = {}
    for peer in peers:
        of = by_problem(peers[peer])
        common = [p for p in problems if p in of]
        pairs = [(paid(of[p]), paid(by_problem(peers[OURS])[p], {r["seed"] for r in of[p]}, of[p][0]["budget"]))
                 for p in common]
        means[peer] = (geometric(a for a, _ in pairs), geometric(b / a for a, b in pairs))
    rows.append(["geometric mean"] + [number(means[p][0], 1) for p in peers])
    rows.append(["ours as a share of it"] + [number(means[p][1], 2) for p in peers])
    rows.append(["runs"] + [len(peers[p]) for p in peers])
    rows.append(["trials at most"] + [peers[p][0]["budget"] for p in peers])
    return table(["problem"] + list(peers), rows)


def paid(runs, seeds=None, budget=None):
    """Median of trials until within 1 %, over the seeds that both have, each at most the budget."""
    chosen = [r for r in runs if seeds is None or r["seed"] in seeds] or runs
    return quantile([min(r["near"] or math.inf, budget or r["budget"]) for r in chosen], 0.5)


def geometric(values):
    logs = [math.log(v) for v in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.inf


def recommendations(peers):
    rows = []
    for peer, runs in peers.items():
        for trials in (36, 144):
            verdicts = [v for r in runs for v in r["verdicts"] if v["trials"] == trials]
            if not verdicts:
                continue
            good = [100 * v["regret"] for v in verdicts if v["feasible"]]
            rows.append([peer, trials, len(verdicts), share(v["feasible"] for v in verdicts),
                         number(quantile(good, 0.5), 1), number(quantile(good, 0.9), 1)])
    return table(
        ["", "after trials", "runs", "truly feasible", "regret %, median of the feasible", "90th percentile"], rows)


def curve(runs, regrets, length):
    """Of each number of trials, the median over runs of the least true regret measured so far."""
    best = []
    for run in runs:
        low, line = 1.0, []
        for cell in run["cells"][:length]:
            regret = regrets[run["problem"]][cell]
            low = min(low, 1.0 if regret is None else regret)
            line.append(low)
        best.append(line + [low] * (length - len(line)))
    return [quantile([line[i] for line in best], 0.5) for i in range(length)]


def svg(curves, length):
    """Trials to the right, regret upward on a logarithmic axis."""
    colors = ["#1a56b0", "#c2410c", "#15803d", "#7c3aed", "#b91c1c", "#0f766e", "#a16207", "#6b7280", "#9ca3af"]
    width, height, left, top, right, bottom = 760, 420, 62, 34, 130, 44
    floor = 0.001
    x = lambda i: left + (width - left - right) * i / length
    y = lambda r: top + (height - top - bottom) * (-math.log10(max(r, floor)) / -math.log10(floor))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
           f'font-size="12"><rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{left}" y="20" font-size="14">Regret of the best configuration measured so far, median over '
           'services and seeds</text>']
    for regret, label in ((1, "100 %"), (0.1, "10 %"), (0.01, "1 %"), (floor, "0.1 % or less")):
        out.append(f'<line x1="{left}" x2="{width - right}" y1="{y(regret):.1f}" y2="{y(regret):.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y(regret) + 4:.1f}" text-anchor="end">{label.split(" or")[0]}</text>')
    for trials in range(0, length + 1, 10):
        out.append(f'<text x="{x(trials):.1f}" y="{height - bottom + 18}" text-anchor="middle">{trials}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">trials</text>')
    for number_of, (peer, line) in enumerate(curves.items()):
        color = colors[number_of % len(colors)]
        points = " ".join(f"{x(i + 1):.1f},{y(r):.1f}" for i, r in enumerate(line))
        out.append(f'<polyline points="{points}" fill="none" stroke="{color}" '
                   f'stroke-width="{2.5 if peer == OURS else 1.4}"/>')
        out.append(f'<text x="{width - right + 8}" y="{top + 14 + 18 * number_of}" fill="{color}">{peer}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def warm_table(warm, cold, misled):
    if not warm:
        return []
    rows = []
    sets = {"cold": cold, "warm": warm, "misled": misled}
    for problem in sorted(by_problem(warm)):
        row = [problem]
        for runs in sets.values():
            of = [r for r in runs if r["problem"] == problem]
            row.append(both(hits(of, "near")))
        rows.append(row)
    row = ["all"]
    for runs in sets.values():
        row.append(both(hits(runs, "near")))
    rows.append(row)
    return ["## Warm start", "",
            "Trials until one within 1 % of the best was measured: median, 90th percentile. Warm: from eight earlier",
            "services on the same types of GPU. Misled: from the same tables with their rows exchanged at random or each",
            "metric turned round about its mean.", "",
            *table(["problem", "cold", "warm", "misled"], rows)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", default=".benchmark/results")
    parser.add_argument("--problems", default=".benchmark/problems")
    parser.add_argument("--output", default="Benchmarks")
    parser.add_argument("--command", default="make benchmark-optimizer")
    options = parser.parse_args()
    from problem import Problem
    read = lambda name: load(os.path.join(options.results, name + ".jsonl"))
    names = [os.path.basename(f)[:-5] for f in sorted(glob.glob(os.path.join(options.problems, "*.json")))]
    problems = {n: Problem(options.problems, n) for n in names}
    regrets = {n: p.regret for n, p in problems.items()}
    known = lambda runs: [r for r in runs if r["problem"] in problems]
    peers = {p: known(read(p)) for p in ORDER if known(read(p))}
    ours = peers[OURS]
    random_share = sum(sum(v is None for v in regrets[r["problem"]]) / len(regrets[r["problem"]]) for r in ours) / len(ours)
    length = 60
    curves = {p: curve(runs, regrets, length) for p, runs in peers.items()}
    with open(os.path.join(options.output, "regret.svg"), "w") as file:
        file.write(svg(curves, length))
    recorded = read("recorded")
    lines = ["# Results", "",
             f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores shared with other work, one thread; "
             f"`{options.command}`.", "What the columns mean is in [README.md](README.md).", "",
             f"## The eight services, 720 configurations each, noise {100 * ours[0]['noise']:.0f} %, "
             f"{len({r['seed'] for r in ours})} seeds", "",
             "`morphling tune` may measure a configuration again where it lies near a limit; who drives `morphling optimize`",
             f"never does. Of all configurations {100 * random_share:.0f} % are infeasible.", "",
             *goals(ours, read("repeated"), read("coverage"), read("coverage-repeated"), read("warm")),
             "## Beside others", "",
             "Median trials until one within 1 % of the best was measured; the same seeds and noise. Where a run never",
             "got there, its budget counts in the means. Libraries that compute for seconds at each proposal got fewer",
             "problems, seeds and trials: the shares are over what both have.", "",
             *side_by_side(peers), "![Regret over trials](regret.svg)", "",
             "What each would recommend. Ours and BoTorch ask their models; the others take the best that was observed as",
             "feasible.", "", *recommendations(peers),
             *warm_table(read("warm"), ours, read("misled"))]
    lines += conditions_table(read)
    lines += fronts_table({n: read(f"front-{n}") for n in (2, 3)})
    if recorded:
        lines += ["## Recorded tables", "", *recorded_table(recorded, read("recorded-repeated"))]
    speed = os.path.join(options.results, "speed.md")
    if os.path.exists(speed):
        lines += open(speed).read().splitlines()
    with open(os.path.join(options.output, "RESULTS.md"), "w") as file:
        file.write("\n".join(lines).rstrip() + "\n")
    print("\n".join(lines))


def conditions_table(read):
    """The same drawn services with measurements of other kinds, each beside the plain way on the same services."""
    plain = {(r["problem"], r["seed"]): r for r in read("coverage")}
    rows = []

    def row(name, runs):
        stops = [r["stop"] for r in stopped(runs)]
        rows.append([
            name, len(runs), both(hits(runs, "near")), both(s["trials"] for s in stops),
            both((100 * s["regret"] for s in stops), 1), share(s["feasible"] for s in stops), bound_holds(runs)])

    for name, words in (("uneven-told", "uneven noise, told"), ("uneven-untold", "uneven noise, not told"),
                        ("cut", "cut early")):
        runs = read(name)
        if not runs:
            continue
        same = [plain[key] for key in ((r["problem"], r["seed"]) for r in runs) if key in plain]
        if not rows and same:
            row("as elsewhere", same)
        row(words, runs)
    if not rows:
        return []
    return ["## Other measurements", "",
            "Drawn services, one seed each. Uneven: the noise is between 1 and 9 %, cell by cell; told: each measurement",
            "says how much, as a stress test does. Cut early: what can't come within a fifth of the incumbent is told as an",
            "upper bound on the throughput, without a latency, as a stress test that ends early tells it.", "",
            *table(["", "runs", "within 1 %", "stop", "regret %", "feasible", "bound holds"], rows)]


def fronts_table(fronts):
    rows = []
    for count, runs in fronts.items():
        if not runs:
            continue
        stops = [r["stop"] for r in runs if r["stop"] and r["stop"]["trials"] < r["budget"]]
        judged = [s for s in stops if s["bound"] is not None]
        cells = [count, len(runs)]
        for key in ("ours", "random"):
            for position, wanted in enumerate(runs[0]["shares"]):
                if wanted in (0.95, 0.99):
                    found = [math.inf if r[key][position] is None else r[key][position] for r in runs]
                    cells.append(f"{number(quantile(found, 0.5))}, {number(quantile(found, 0.9))}")
        members = sum(s["members"] for s in stops)
        cells += [f"{len(stops)}, after {number(quantile([s['trials'] for s in stops], 0.5))}",
                  f"{number(100 * quantile([s['volume'] for s in stops], 0.5), 1)} %" if stops else "–",
                  f"{100 * sum(s['feasible'] for s in stops) / members:.0f} %" if members else "–",
                  share(s["shortfall"] <= s["bound"] + 1e-9 for s in judged)]
        rows.append(cells)
    if not rows:
        return []
    return ["## Several objectives", "",
            "Drawn services: rate and cost within the bound on latency; with a third, the latency, there is no bound. Trials until",
            "what was measured dominates 95 and 99 % of the volume of the true front (in logarithms, above the worst feasible",
            "values): median, 90th percentile, in at most 144 trials; of random order in all 720. Then the searches that",
            "ended by themselves: the volume of the front that they recommend, how many of its members are truly feasible,",
            "and whether the bound on what any other configuration gains over all of them holds.", "",
            *table(["objectives", "runs", "95 %", "99 %", "random, 95 %", "99 %", "ended", "volume", "feasible",
                    "bound holds"], rows)]


def recorded_table(plain, again):
    def row(name, runs):
        return [name, runs[0].get("count", "") if name in by_problem(runs) else "",
                both(hits(runs, "near")), both(hits(runs, "exact")),
                number(quantile([r["stop"]["trials"] for r in stopped(runs)], 0.5)),
                both((100 * r["stop"]["regret"] for r in stopped(runs)), 1),
                share(r["stop"]["feasible"] for r in stopped(runs)), bound_holds(runs)]

    rows = [row(problem, runs) for problem, runs in sorted(by_problem(plain).items())]
    rows.append(row("all", plain))
    if again:
        rows.append(row("all, where a configuration may be measured again", again))
    return table(["table", "cells", "within 1 %", "exact", "stop", "regret %", "feasible", "bound holds"], rows)


if __name__ == "__main__":
    main()
