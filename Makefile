# The two commands of the README are `make demo` and `make test`; both install what they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash -euo pipefail

packages := libopenblas-dev liblapacke-dev libcurl4-openssl-dev libssl-dev libnghttp2-dev pkg-config python3
sudo := $(if $(filter 0,$(shell id -u)),,sudo)
# One configuration for everything: tests exercise the code that ships, and nothing is built twice.
configuration := release
program := .build/$(configuration)/morphling
archives := $(CURDIR)/.build-image/static
build := swift build --configuration $(configuration)
# $(call install,PACKAGE...): those Debian packages, unless they are there; another install may be under way.
install = dpkg --status $(1) >/dev/null 2>&1 || \
  { $(sudo) apt-get -o DPkg::Lock::Timeout=600 update -q && \
    $(sudo) env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -qy $(1); }
# A shorter search, for CI: make demo trials=8
trials :=
# Parts of the demo in a cluster, and the trials of each search: make cluster-demo stages=tune budget=6
stages := tune faults gpu upstream invalid
budget :=
# Tuning is all floating point on small matrices: more threads only get in each other's way.
export OPENBLAS_NUM_THREADS := 1

.PHONY: help demo fuzz cluster-demo test check format build image manifests setup triton-minilm mosec-vad \
  benchmark-search benchmark-optimizer benchmark-statistics benchmark-stress clean

help: ## Show what there is to make
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

demo: setup build triton-minilm ## Tune a real Triton server; results in .demo/
	rm -rf .demo
	$(program) tune -f deploy/examples/triton-minilm/service.yaml --output .demo \
	  $(if $(trials),--budget $(trials))

cluster-demo: setup image triton-minilm ## Tune a service in a cluster (KUBECONFIG); results in .cluster-demo/
	rm -rf .cluster-demo
	PROGRAM=$(CURDIR)/.build-image/$(configuration)/morphling BUDGET=$(budget) deploy/demo/run $(stages)

test: setup mosec-vad ## Build everything and run all tests
	$(build) --build-tests
	@# One after the other: pods of a cluster on this machine and local servers would share its processors.
	swift test --configuration $(configuration) --skip-build --skip ClusterTests
	swift test --configuration $(configuration) --skip-build --filter ClusterTests

check: setup ## Lint, and build with warnings as errors
	swift format lint --recursive --strict Package.swift Sources Tests Benchmarks
	$(build) --build-tests -Xswiftc -warnings-as-errors --scratch-path .build-check

format: ## Format all sources
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

build: setup ## Build the program
	$(build) --product morphling

# Linked with archives of Swift's libraries and of OpenBLAS, so that the image needs none of them.
image: setup ## The container image as an archive, without Docker: .build-image/morphling.tar
	@$(call install,libgfortran-$$(cc -dumpversion)-dev)
	deploy/static-libraries $(archives)
	PKG_CONFIG_PATH=$(archives) $(build) --product morphling --static-swift-stdlib \
	  -Xswiftc -resource-dir -Xswiftc $(archives)/swift --scratch-path .build-image
	deploy/image .build-image/$(configuration)/morphling .build-image/morphling.tar

manifests: build ## Print what deploy/ keeps of the program's manifests anew
	for part in crds rbac config daemon; do \
	  $(program) manifests $$part >deploy/base/$$part.yaml; done
	$(program) manifests inference-crd >deploy/without-kubedl/inference-crd.yaml
	$(program) manifests crds --server-version 1.25 >deploy/with-rules/crds.yaml

setup: ## Install the Debian packages that the build needs
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: see swift.org/install"; exit 1; }
	@$(call install,$(packages))

# The example servers have installers of their own, which do nothing when all is there.
triton-minilm mosec-vad: setup ## Install an example server
	deploy/examples/$@/install .services/$@

# make benchmark-search search='--draw 12 --seeds 4'
search :=
benchmark-search: setup ## Trials and regret of the search on problems with a known answer
	$(build) --product search-benchmark
	.build/$(configuration)/search-benchmark search $(search)

# make benchmark-optimizer stage=smoke; tables=DIRECTORY for recorded tables
stage := all
tables :=
benchmark-optimizer: setup ## The search beside other optimizers; stage=smoke for a short one
	$(build) --product search-benchmark
	TABLES=$(tables) Benchmarks/run $(stage)

# make benchmark-stress stress='--pairs 9'; wrk, nginx and h2load are what it is compared with.
stress :=
benchmark-stress: setup ## The load generator beside wrk and h2load, and what bad servers get
	@$(call install,wrk nghttp2-client nginx-light)
	$(build) --product load-benchmark
	.build/$(configuration)/load-benchmark speed $(stress)
	.build/$(configuration)/load-benchmark bad-servers

fuzz: setup ## A million hostile lines for the optimizer: make fuzz lines=1000000
	$(build) --build-tests
	FUZZ_LINES=$(or $(lines),1000000) swift test --configuration $(configuration) --skip-build \
	  --filter OptimizerFuzzTests

benchmark-statistics: setup ## How often verdicts, intervals and capacities are right
	$(build) --product statistics-benchmark
	for table in verdicts accuracy capacity live; do .build/$(configuration)/statistics-benchmark $$table; done

clean: ## Remove what was built and the example servers
	rm -rf .build .build-check .build-image .services .demo .cluster-demo .benchmark
