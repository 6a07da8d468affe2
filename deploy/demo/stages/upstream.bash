# An experiment in the form of upstream Morphling is applied unchanged, and runs.
upstream() {
  local namespace=$space-upstream
  say "An experiment in upstream's form"
  make_namespace "$namespace"
  show kubectl -n "$namespace" apply -f deploy/demo/upstream.yaml
  until_true 900 "the experiment's end" is_over experiment-grid "$namespace"
  show kubectl -n "$namespace" get profilingexperiments,trials -o wide
  show kubectl -n "$namespace" describe profilingexperiment experiment-grid
  kubectl delete namespace "$namespace" --wait=false
}
