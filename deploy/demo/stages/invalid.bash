# What a user sees who makes a mistake.
invalid() {
  local namespace=$space-invalid name
  make_namespace "$namespace"
  inference minilm tuning=off mode=Off | kubectl -n "$namespace" apply -f -
  say "What the API server refuses"
  if show kubectl -n "$namespace" apply --validate=false -f deploy/demo/invalid/refused.yaml; then
    fail "invalid objects were taken"
  fi
  nothing -n "$namespace" get profilingexperiments,trials || fail "an invalid object is there"
  say "What ends in a condition"
  show kubectl -n "$namespace" apply -f deploy/demo/invalid/conditions.yaml
  for name in unknown-metric unknown-target wrong-unit; do
    until_true 120 "the end of $name" is_over "$name" "$namespace"
    show kubectl -n "$namespace" describe profilingexperiment "$name"
  done
  kubectl delete namespace "$namespace" --wait=false
}
