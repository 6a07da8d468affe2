# A new Inference is tuned by itself in mode Apply; its Deployment then runs the recommended spec.
tune() {
  make_namespace "$space"
  say "A new Inference"
  inference minilm ${BUDGET:+budget=$BUDGET} >"$output/inference.yaml"
  show kubectl -n "$space" apply -f "$output/inference.yaml"
  until_true 180 "the service" kubectl -n "$space" rollout status deployment/minilm-main --timeout=2s
  show kubectl -n "$space" get inferences,deployments,services,pods
  show containers minilm-main

  say "It is tuned, without anything else being written"
  until_true 120 "an experiment" kubectl -n "$space" get profilingexperiment minilm-main
  until_true 300 "a trial" finds -n "$space" get trials
  show kubectl -n "$space" get profilingexperiments,trials,deployments,jobs,pods
  until_true 2400 "the experiment's end" is_over minilm-main

  say "What came of it"
  show kubectl -n "$space" get profilingexperiments,trials -o wide
  show "$program" status minilm-main --namespace "$space"
  show kubectl -n "$space" get events --sort-by=.lastTimestamp
  show kubectl -n "$space" get profilingexperiment minilm-main -o jsonpath='{.status.recommendation}'
  echo
  show "$program" report minilm-main --namespace "$space" --output "$output"
  expect_failures

  say "The Deployment runs the recommended spec"
  until_true 180 "the new spec" kubectl -n "$space" rollout status deployment/minilm-main --timeout=2s
  show kubectl -n "$space" get inference minilm -o jsonpath='{.spec.predictors[0].template.spec.containers[0].resources}'
  echo
  show containers minilm-main
  expect_applied
  until_true 120 "nothing left of the trials" nothing_left
  compare
}

# Of a Deployment, what was tuned.
containers() { # DEPLOYMENT
  kubectl -n "$space" get deployment "$1" -o jsonpath='{range .spec.template.spec.containers[*]}{.name}{" "}{.resources}{" "}{.env}{"\n"}{end}'
}

# One candidate was killed for its memory and one fitted on no node, and the search went on.
expect_failures() {
  kubectl -n "$space" get trials -o json | python3 -c '
import json, sys
trials = json.load(sys.stdin)["items"]
reasons = {}
for trial in trials:
    reason = trial.get("status", {}).get("reason")
    if reason: reasons.setdefault(reason, []).append(trial["metadata"]["name"])
for reason, names in sorted(reasons.items()): print(f"{reason}: " + ", ".join(names))'
}

# The live template has what the recommendation says.
expect_applied() {
  kubectl -n "$space" get profilingexperiment minilm-main -o json >"$output/experiment.json"
  kubectl -n "$space" get deployment minilm-main -o json >"$output/deployment.json"
  python3 - "$output" <<'PYTHON'
import json, sys
experiment, deployment = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("experiment", "deployment"))
target = experiment["status"]["recommendation"]["target"]
container = deployment["spec"]["template"]["spec"]["containers"][0]
limits = container["resources"]["limits"]
wrong = {name: (amount, limits.get(name)) for name, amount in target.items() if limits.get(name) != amount}
assert not wrong, f"not applied: {wrong}"
print("the Deployment has", json.dumps(limits), "as recommended")
PYTHON
}

# The same service as its team first deployed it and as it is now, under load in turn.
compare() {
  say "Before and after, measured in turn"
  inference untuned tuning=off mode=Off >"$output/untuned.yaml"
  show kubectl -n "$space" apply -f "$output/untuned.yaml"
  until_true 180 "the untuned service" kubectl -n "$space" rollout status deployment/untuned-main --timeout=2s
  local body name round rounds=${ROUNDS:-3}
  body=$(<deploy/examples/triton-minilm/request.json)
  for ((round = 1; round <= rounds; round++)); do
    for name in untuned minilm; do
      # A busy machine may keep the generator from measuring.
      for _ in 1 2 3; do
        run_stress_test "$space" "stress-$name" stress \
          "http://$(kubectl -n "$space" get service "$name" -o jsonpath='{.spec.clusterIP}'):8080/v2/models/minilm/infer" \
          --protocol oip --body "$body" --find-capacity --slo p99=200ms --slo error-rate=1% \
          >"$output/$name-$round.json"
        grep -q '"usable" *: *false' "$output/$name-$round.json" || break
      done
      echo "$name, round $round: $(python3 -c '
import json, sys
result = json.load(open(sys.argv[1]))
print(result["throughput_rps"], "requests per second, p99", result["latency_ms"]["p99"]["value"], "ms")' "$output/$name-$round.json")"
    done
  done
  kubectl -n "$space" delete inference untuned --wait=false
  python3 - "$output" "$rounds" <<'PYTHON'
import json, statistics, sys
output, rounds = sys.argv[1], range(1, int(sys.argv[2]) + 1)
def rate(name): return statistics.mean(json.load(open(f"{output}/{name}-{i}.json"))["throughput_rps"] for i in rounds)
before, after = rate("untuned"), rate("minilm")
print(f"before {before:.0f}, after {after:.0f} requests per second: {after / before:.2f} times")
# The objective is requests per second for the money: what was saved counts too.
report = json.load(open(f"{output}/report.json"))
prices = report["trials"][0]["costPerHour"], report["recommendation"]["expected"]["cost"]
print(f"for a cost of {prices[0]:.3f} before, {prices[1]:.3f} after: "
      f"{after / prices[1] / (before / prices[0]):.2f} times as much for the money")
PYTHON
}
