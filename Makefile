# Two commands matter: `make up` and `make test`. Each installs what it needs and is safe to repeat.
STACK ?= local
SOURCE ?= builtin
TARGET ?= cpu
BESIDE ?=
SERVED ?= fastapi-svc
MINUTES ?= 30
PROFILE ?= compare
ROUNDS ?= 3
KILLS ?= 3
SHELL := /bin/sh
PY := .venv/bin/python
SERVING := .venv-serving/bin/python
.DEFAULT_GOAL := help
.PHONY: help up down test e2e lint outputs token preview tunnel rehearse checkov bootstrap publish mirror leaks policy-report policy-compare tools model train loadtest loadtest-processes bench soak peer-envs bench-gateway bench-policies deid-train deid-evaluate lock clean deploy-env serving-env checkov-env triton-env

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: deploy-env ## bring the local stack up and ask it for a prediction
	@$(PY) -m local up

down: deploy-env ## take the local stack down; nothing of it stays outside caches
	@$(PY) -m local down

test: deploy-env serving-env checkov-env lint ## run every test that needs no running stack
	@$(PY) -m local tools
	@$(SERVING) -m pytest tests/services tests/model_build tests/loadtests/bench -m "not e2e" -n auto --dist loadfile
	@$(PY) -m pytest tests --ignore tests/services --ignore tests/model_build --ignore tests/loadtests/bench --ignore tests/e2e -n auto --dist loadfile --no-loadscope-reorder

e2e: serving-env ## run the tests that talk to the local stack (needs `make up`)
	@$(SERVING) -m pytest tests/e2e -m e2e

lint: deploy-env serving-env ## check style and types
	@$(PY) -m ruff check .
	@$(PY) -m mypy infra policies local tests/infra tests/policies tests/local
	@$(SERVING) -m mypy services model_build loadtests tests/services tests/model_build tests/loadtests tests/e2e

outputs: deploy-env ## print the outputs of STACK as JSON
	@$(PY) -m local outputs --stack $(STACK)

token: deploy-env ## print a bearer token for the local gateway, valid for an hour
	@$(PY) -m local token

preview: deploy-env model ## preview STACK=dev or STACK=prod with the policy pack; no account, no network
	@$(PY) -m local preview $(STACK)

tunnel: deploy-env ## open a tunnel to the private endpoint of STACK until Ctrl-C (needs adminTunnel)
	@$(PY) -m infra.operations.tunnel $(STACK)

rehearse: deploy-env model ## apply, kill, finish and destroy STACK=dev|prod in an emulated account (KILLS=3)
	@$(PY) -m local rehearse $(STACK) --kills $(KILLS)

bootstrap: deploy-env ## make what the account of STACK needs before its first update (state bucket, key, roles)
	@$(PY) -m infra.operations.bootstrap $(STACK)

publish: deploy-env ## build the images, push them to the repositories of STACK, write their digests into its file
	@$(PY) -m infra.operations.publish $(STACK)

mirror: deploy-env ## copy the images that others publish into the registry of STACK, by digest
	@$(PY) -m infra.operations.mirror $(STACK)

leaks: deploy-env ## list what is left in the account of STACK after it was destroyed; exit status 1 if anything is
	@$(PY) -m infra.operations.leaks $(STACK)

checkov: deploy-env checkov-env model ## have Checkov look at STACK=dev|prod as applied to an emulated account
	@$(PY) -m policies.checkov --stack $(STACK)

policy-report: deploy-env ## write reports/STACK/ from the last `make up`, `make preview` or `make checkov`
	@$(PY) -m local policy-report $(STACK)

policy-compare: deploy-env ## what became worse between two reports (OLD=…/report.json NEW=…/report.json); exit status 1 if anything did
	@$(PY) -m policies.report.compare $(OLD) $(NEW)

tools: deploy-env ## build the missing tools and print the version and origin of each
	@$(PY) -m local tools

model: serving-env ## build the model into build/model (SOURCE=builtin, a folder, or hub:ID@REVISION; TARGET=cpu|cpu-vnni|gpu|gpu-tensorrt)
	@$(SERVING) -m model_build --source $(SOURCE) --target $(TARGET) $(if $(BESIDE),--beside $(BESIDE)) --output build/model

train: serving-env ## train the adapter of the built-in model again (about half an hour)
	@$(SERVING) -m model_build.train

loadtest: deploy-env ## compare the paths of the local stack with k6, into reports/loadtest (PROFILE=compare|smoke|latency|capacity|stress|soak|spike, ROUNDS=3)
	@$(PY) -m local loadtest --profile $(PROFILE) --rounds $(ROUNDS)

loadtest-processes: deploy-env serving-env triton-env model ## the same with the services as processes and the naive baseline: needs no stack
	@$(PY) -m loadtests.compare --processes --profile $(PROFILE) --rounds $(ROUNDS)

bench: serving-env triton-env peer-envs model ## the serving paths beside raw ONNX Runtime, BentoML, LitServe and Ray Serve
	@$(SERVING) -m loadtests.bench_serving

soak: serving-env triton-env model ## is memory flat at saturation? (SERVED=fastapi-svc|"Triton HTTP"|"Triton gRPC", MINUTES=30)
	@$(SERVING) -m loadtests.soak --path "$(SERVED)" --minutes $(MINUTES)

bench-gateway: serving-env triton-env model ## what the gateway adds to Triton: both as processes, in turns in one run
	@$(SERVING) -m loadtests.bench_gateway

bench-policies: deploy-env ## how long the policy pack takes, and a preview with it and without
	@$(PY) -m local tools
	@$(PY) -m policies.bench

deid-train: serving-env ## train the recogniser of names and places again (about half an hour)
	@$(SERVING) -m model_build.deid train

deid-evaluate: serving-env ## recall and precision of de-identification beside Presidio's defaults
	@$(SERVING) -m model_build.deid evaluate

lock: deploy-env ## resolve every lock file again from pyproject.toml
	@sh requirements/lock.sh

clean: ## remove the caches, environments and builds (not a running stack: `make down` first)
	@sh local/clean.sh

deploy-env:
	@sh local/bootstrap.sh .venv requirements/deploy.lock

serving-env:
	@sh local/bootstrap.sh .venv-serving requirements/serving.lock

checkov-env:
	@sh local/bootstrap.sh .venv-checkov requirements/checkov.lock

triton-env:
	@sh local/bootstrap.sh .venv-triton requirements/triton.lock

peer-envs:
	@for peer in bentoml litserve ray; do sh local/bootstrap.sh .venv-peer-$$peer requirements/peer-$$peer.lock || exit 1; done
