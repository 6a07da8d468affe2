# GPU memory, GPU cores, CPU and batch size together, with a stand-in for the server: it has no GPU. The
# node offers the resources without having them, which only a cluster of ours allows.
gpu() {
  local namespace=$space-gpu
  say "A share of a GPU; the server is a stand-in, whose speed and memory follow a table"
  if [[ $is_ours == true ]]; then
    "$cluster" resource nvidia.com/gpumem 16384
    "$cluster" resource nvidia.com/gpucores 100
  elif ! kubectl get nodes -o jsonpath='{.items[*].status.allocatable}' | grep -q nvidia.com/gpumem; then
    echo "skipped: no node offers nvidia.com/gpumem"
    return
  fi
  make_room
  make_namespace "$namespace"
  # The service's own share leaves room for candidates.
  sed -E 's/(nvidia.com\/gpumem: )"8192"/\1"2048"/g; s/(nvidia.com\/gpucores: )"100"/\1"10"/g;
    s/limits: \{cpu: "1"/limits: {cpu: 250m/; s/requests: \{cpu: "1"/requests: {cpu: 250m/;
    s/\["10", "25", "50", "75", "100"\]/["10", "25", "50", "75"]/; s/8Gi, 12Gi/8Gi/' \
    deploy/examples/gpu-sharing/service.yaml >"$output/gpu.yaml"
  show kubectl -n "$namespace" apply -f deploy/examples/gpu-sharing/account.yaml
  python3 - "$output/gpu.yaml" <<'PYTHON' | kubectl -n "$namespace" apply -f -
import re, sys
text = open(sys.argv[1]).read()
# The experiment stands in the file, so the Inference isn't tuned a second time by itself.
print(text.replace("metadata: {name: classifier}\nspec:\n  framework",
  'metadata: {name: classifier, annotations: {morphling.kubedl.io/tuning: "off"}}\nspec:\n  framework', 1))
PYTHON
  until_true 2400 "the experiment's end" is_over classifier "$namespace"
  show kubectl -n "$namespace" get profilingexperiments,trials -o wide
  show "$program" report classifier --namespace "$namespace" --output "$output/gpu"
  kubectl delete namespace "$namespace" --wait=false
}
