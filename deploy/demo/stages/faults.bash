# The daemon is killed three times at random moments of a run. It runs outside of the cluster here, so
# that kill -9 hits it and nothing else.
faults() {
  local seed=${SEED:-$RANDOM} namespace=$space-faults pid moment
  say "Three kill -9 of the daemon at random moments (seed $seed)"
  make_room
  make_namespace "$namespace"
  show kubectl -n $system scale deployment/morphling --replicas=0
  until_true 120 "the daemon's end" nothing -n $system get pods -l app.kubernetes.io/name=morphling
  RANDOM=$seed
  start_daemon
  inference minilm budget=${BUDGET:-8} mode=Off | show kubectl -n "$namespace" apply -f -
  until_true 240 "a trial" finds -n "$namespace" get trials
  for _ in 1 2 3; do
    moment=$((8 + RANDOM % 40))
    sleep $moment
    show kubectl -n "$namespace" get trials,jobs
    echo "$ kill -9 $pid    # after $moment s"
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    start_daemon
  done
  until_true 2400 "the experiment's end" is_over_at_last minilm-main "$namespace"
  say "What the daemon did afterwards"
  show kubectl -n "$namespace" get profilingexperiments,trials -o wide
  show kubectl -n "$namespace" get events --sort-by=.lastTimestamp
  kubectl -n "$namespace" get trials -o json | python3 -c '
import json, sys
trials = json.load(sys.stdin)["items"]
ordinals = sorted(trial["spec"]["ordinal"] for trial in trials)
assert ordinals == list(range(len(ordinals))), ordinals
attempts = {trial["metadata"]["name"]: trial["spec"].get("attempt", 0) for trial in trials}
print("ordinals", ordinals, ": none is missing, none is double; attempts", attempts)'
  until_true 180 "nothing left of the trials" nothing_left "$namespace"
  echo "nothing is left of the trials"
  kubectl delete namespace "$namespace" --wait=false
  kill "$pid"
  wait "$pid" || echo "the daemon ended with $?"
  show kubectl -n $system scale deployment/morphling --replicas=1
  show kubectl -n $system rollout status deployment/morphling --timeout=180s
}

# A daemon that loses its Lease ends, and is started again as a cluster would do it.
is_over_at_last() {
  kill -0 "$pid" 2>/dev/null || start_daemon
  is_over "$@"
}

start_daemon() {
  "$program" daemon --serve-inferences --listen 127.0.0.1:18080 >>"$output/daemon.log" 2>&1 &
  pid=$!
}
