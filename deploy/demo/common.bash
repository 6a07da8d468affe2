# What the stages of the demonstration share.
output=$PWD/.cluster-demo
program=${PROGRAM:-$PWD/.build/release/morphling}
space=${NAMESPACE:-morphling-demo} system=morphling-system
cluster=../shared/cluster/cluster

fail() { echo "$0: $*" >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
# until_true SECONDS WHAT COMMAND...: polls.
until_true() {
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < limit)) || fail "$what: not within the time"
    sleep 2
  done
}
# is_over EXPERIMENT [NAMESPACE]
is_over() { [[ $(phase "$@") =~ ^(Succeeded|Infeasible|Failed|Canceled)$ ]]; }
phase() { kubectl -n "${2:-$space}" get profilingexperiment "$1" -o jsonpath='{.status.phase}'; }
# finds KIND...: whether any is there; `nothing` is its opposite. Both ask anew at each call.
finds() { [[ -n $(kubectl "$@" -o name) ]]; }
nothing() { local found && found=$(kubectl "$@" -o name) && [[ -z $found ]]; }
nothing_left() { # [NAMESPACE]
  nothing -n "${1:-$space}" get deployments,services,jobs,pods -l morphling.kubedl.io/role
}

reach_cluster() {
  if [[ -z ${KUBECONFIG:-} && -x $cluster ]]; then
    eval "$("$cluster" up)"
    export KUBECONFIG
    PATH=$PATH:$(dirname "$KUBECTL")
  fi
  [[ -n ${KUBECONFIG:-} ]] || fail "KUBECONFIG names no cluster"
  command -v kubectl >/dev/null || fail "kubectl is missing"
  # The cluster that was brought up here takes images from files.
  if [[ -x $cluster ]] && "$cluster" status 2>/dev/null | grep -qxF "KUBECONFIG=$KUBECONFIG"; then
    is_ours=true
    IMAGE_LOAD=${IMAGE_LOAD:-$PWD/$cluster load}
  fi
  show kubectl get nodes
}
is_ours=false

load_images() { # EXAMPLE...
  [[ ${IMAGES:-} != registry ]] || return 0
  say "Images, made without Docker"
  deploy/image "$program" "$output/morphling.tar"
  ${IMAGE_LOAD:-ctr --namespace k8s.io images import} "$output/morphling.tar"
  local example
  for example; do
    [[ -f $output/$example.tar ]] || deploy/service-image "$example" "$output/$example.tar"
    ${IMAGE_LOAD:-ctr --namespace k8s.io images import} "$output/$example.tar"
  done
}

install_daemon() {
  say "The daemon, which also serves Inferences"
  show kubectl apply -k deploy/without-kubedl
  kubectl -n $system rollout restart deployment/morphling
  show kubectl -n $system rollout status deployment/morphling --timeout=180s
}

make_namespace() { # NAME
  kubectl delete namespace "$1" --ignore-not-found --wait
  show kubectl create namespace "$1"
}

# The tuned service goes to rest, so that a small node has room for the next stage's candidates.
make_room() {
  kubectl -n "$space" scale deployment --all --replicas=0 2>/dev/null || true
}

# A stress test in the cluster, from our own image: its result as it is in the termination message, since a
# pod's log mixes it with what is said of errors.
run_stress_test() { # NAMESPACE NAME ARGUMENT...
  local namespace=$1 name=$2
  shift 2
  kubectl -n "$namespace" delete pod "$name" --ignore-not-found --wait >/dev/null
  kubectl -n "$namespace" run "$name" --restart=Never --image="$(our_image)" \
    --image-pull-policy=IfNotPresent -- "$@" --termination-log /dev/termination-log >/dev/null
  until_true 240 "the end of $name" has_ended "$namespace" "$name"
  kubectl -n "$namespace" get pod "$name" \
    -o jsonpath='{.status.containerStatuses[0].state.terminated.message}'
  kubectl -n "$namespace" delete pod "$name" --wait=false >/dev/null
}
has_ended() {
  [[ $(kubectl -n "$1" get pod "$2" -o jsonpath='{.status.phase}') =~ ^(Succeeded|Failed)$ ]]
}
our_image() {
  kubectl -n $system get deployment morphling -o jsonpath='{.spec.template.spec.containers[0].image}'
}

# inference NAME ANNOTATIONS...: the demonstration's Inference under another name; each further
# argument `KEY=VALUE` sets an annotation.
inference() {
  local cores
  cores=$(kubectl get nodes -o jsonpath='{range .items[*]}{.status.allocatable.cpu}{"\n"}{end}' |
    sed -E 's/^([0-9]+)m$/\1/;t;s/$/000/' | sort -n | tail -n 1)
  python3 - "$((cores / 1000 + 2))" "$@" <<'PYTHON'
import json, re, sys
most, name, *annotations = sys.argv[1:]
manifest = open("deploy/demo/inference.yaml").read()
body = json.dumps(json.load(open("deploy/examples/triton-minilm/request.json")))
manifest = manifest.replace("BODY", body).replace("CPU_MOST", most).replace("name: minilm\n", f"name: {name}\n", 1)
for annotation in annotations:
    key, value = annotation.split("=", 1)
    manifest = re.sub(rf"\n    morphling.kubedl.io/{key}: [^\n|]*(?=\n)", "", manifest)
    manifest = manifest.replace("  annotations:\n", f"  annotations:\n    morphling.kubedl.io/{key}: \"{value}\"\n", 1)
print(manifest, end="")
PYTHON
}
