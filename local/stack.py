"""The stack `local`, whole: brings it up, asks it for a prediction, takes it down."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from local import clusters, forward, images, packages, prediction, toolchain
from local.emulated_account import NUMBER, REGION, EmulatedAccount
from local.engine import FORCE_PATCHES, Engine, ensure_tools, stack_arguments
from local.errors import LocalError
from local.issuer import AUDIENCE, ISSUER, LOAD_TEST, MACHINE_CALLER
from local.issuer import rotation as issuer_rotation
from local.issuer.client import IssuerClient
from local.issuer.keys import SigningKeys
from local.issuer.process import IssuerProcess
from local.node import owner
from local.node.addresses import FORWARDS
from local.paths import CACHE, MODEL, REPO, STATE
from local.phases import Phase, Say, run
from local.progress import Counter, stream
from local.recovery import recover

NAME = "local"
POLICY_RESULTS = Path("policy") / "results.jsonl"
"""Below the state: what the policy pack recorded of the last `make up`."""
REPOSITORIES = f"{NUMBER}.dkr.ecr.{REGION}.amazonaws.com/inference-{NAME}"
"""Where the stack's repositories of images are in the emulated account."""
ADDRESSES = {
    "gateway": f"http://127.0.0.1:{FORWARDS[0].port}",
    "fastapi": f"http://127.0.0.1:{FORWARDS[1].port}",
    "tritonHttp": f"http://127.0.0.1:{FORWARDS[2].port}",
    "tritonGrpc": f"127.0.0.1:{FORWARDS[3].port}",
}
UNSURE = Path("pulumi") / "unsure"
"""Below the state: a file that is there from the start of a run to its good end, while state and account may disagree."""
OWN_PARTS = ("pulumi", "aws", "issuer", "policy", "forward", "pki", "kind")
"""What this class writes below the state; `node` is the node's."""
LOADTEST_ADDRESSES = {"GATEWAY_URL": "gateway", "FASTAPI_URL": "fastapi", "TRITON_URL": "tritonHttp"}


class LocalStack:
    """Everything that `make up` starts. `state` holds all that it writes outside caches and `build/`."""

    def __init__(self, state: Path = STATE) -> None:
        self._state = state
        self._environment = clusters.remembered(state, os.environ)
        self._cluster = clusters.choose(state, self._environment)
        self._account = EmulatedAccount(state / "aws", self._cluster)
        self._issuer = IssuerProcess(state / "issuer")
        self._images: dict[str, images.BuiltImage] = {}
        self._unsure = state / UNSURE
        self._refresh: list[str] = []

    def _engine(self) -> Engine:
        return Engine(
            directory=self._state / "pulumi",
            stack=NAME,
            policy_results=self._state / POLICY_RESULTS,
            extra_environment=(*self._account.environment(), FORCE_PATCHES),
        )

    def up(self) -> dict[str, float]:
        """Bring everything up, print one prediction, and return the seconds of each phase; safe to repeat at any point."""
        self._cluster.check()
        owner.refuse_other(self._state, REPO)
        if owner.read(self._state) not in (None, REPO):
            # Another clone's, and nothing of it runs any more: what it remembers is gone, so begin anew.
            for part in OWN_PARTS:
                shutil.rmtree(self._state / part, ignore_errors=True)
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._cluster.disposable:
            owner.claim(self._state, REPO)
        clusters.remember(self._state, self._environment)
        return run(
            [
                Phase(name="packages", run=self._install_packages),
                Phase(name="cluster tools", run=lambda say: toolchain.ensure(self._cluster.tools, progress=say)),
                Phase(name="engine tools", run=ensure_tools, after=("cluster tools",)),
                Phase(name="model", run=_build_model),
                Phase(name="images", run=self._build_images, after=("packages",)),
                Phase(name="cluster", run=self._cluster.start, after=("packages", "cluster tools")),
                Phase(name="aws", run=self._start_aws, after=("cluster",)),
                Phase(name="image load", run=self._load_images, after=("cluster", "images")),
                Phase(name="issuer", run=lambda say: self._issuer.start()),
                Phase(name="plan", run=self._plan, after=("engine tools", "model", "images", "aws", "issuer")),
                Phase(name="deploy", run=self._deploy, after=("plan", "image load")),
                Phase(name="prediction", run=self._predict, after=("deploy",)),
            ]
        )

    def _install_packages(self, say: Say) -> None:
        packages.ensure((*self._cluster.packages, *images.packages()), say)

    def _build_images(self, say: Say) -> None:
        self._images = images.build_all(REPO, CACHE, progress=say)

    def _start_aws(self, say: Say) -> None:
        self._refresh = ["--refresh"] if self._unsure.exists() or not self._account.running() else []
        self._unsure.parent.mkdir(parents=True, exist_ok=True)
        self._unsure.touch()
        self._account.start()
        say("AWS is emulated on this machine by moto; nothing is created in an AWS account")

    def _load_images(self, say: Say) -> None:
        for image in self._images.values():
            self._cluster.load(image.archive, f"{REPOSITORIES}/{image.name}@{image.digest}")

    def _plan(self, say: Say) -> None:
        """Preview with the policy pack, so that a violation stops everything before anything is made."""
        engine = self._engine()
        engine.prepare(self._values())
        if recover(engine, self._account.api, say):
            self._refresh = ["--refresh"]
        log = self._state / "pulumi" / "plan.log"
        engine.run("preview", *self._refresh, *stack_arguments(NAME), on_line=Counter(say, log))

    def _deploy(self, say: Say) -> None:
        log = self._state / "pulumi" / "up.log"
        update = ("up", "--yes", "--skip-preview", *self._refresh, *stack_arguments(NAME))
        self._engine().run(*update, on_line=Counter(say, log))
        self._unsure.unlink()
        self._cluster.expose()

    def _values(self) -> dict[str, Any]:
        """What only this machine knows of the stack's configuration."""
        return {
            **self._account.values(NAME),
            "inference:imageDigests": {name: image.digest for name, image in self._images.items()},
            **self._auth(),
            "inference:addresses": ADDRESSES,
            "inference:tritonAccelerator": "nvidia" if self._cluster.advertises_gpus else "none",
        }

    def _auth(self) -> dict[str, Any]:
        """The issuer and its keys, as the stack's configuration names them."""
        jwks = SigningKeys(self._state / "issuer").jwks()
        auth = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": jwks, "callers": [MACHINE_CALLER, LOAD_TEST]}
        return {"inference:auth": auth}

    def _predict(self, say: Say) -> None:
        prediction.await_ready(ADDRESSES["gateway"], timeout_s=120)
        say(f"sent      {prediction.SENTENCE}")
        token = self.token("classify")
        answer = prediction.classify(ADDRESSES["gateway"], token, prediction.SENTENCE)
        say(f"answered  {json.dumps(answer)}")

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack; raises LocalError where it is not up."""
        return self._engine().outputs() if self._state.exists() else _not_up()

    def token(self, scope: str) -> str:
        """A bearer token that the gateway accepts for an hour."""
        return IssuerClient(self._state / "issuer").token(scope) if self._state.exists() else _not_up()

    def rotate_issuer(self, say: Say) -> None:
        """Sign tokens with a new key, once the gateway knows it; safe to repeat at any point."""
        keys = SigningKeys(self._state / "issuer") if self._state.exists() else _not_up()
        issuer_rotation.rotate(keys, publish=lambda: self._publish_keys(say), gateway=ADDRESSES["gateway"], say=say)

    def retire_issuer(self, say: Say) -> None:
        """Take out the keys before the one that signs; their tokens are refused from then on."""
        keys = SigningKeys(self._state / "issuer") if self._state.exists() else _not_up()
        issuer_rotation.retire(keys, publish=lambda: self._publish_keys(say), say=say)

    def _publish_keys(self, say: Say) -> None:
        """Update the stack as it is configured now with the issuer's keys, and nothing else."""
        engine = self._engine()
        configured = engine.project / f"Pulumi.{NAME}.yaml"
        if not configured.exists():
            _not_up()
        engine.prepare({**yaml.safe_load(configured.read_text())["config"], **self._auth()})
        log = self._state / "pulumi" / "up.log"
        engine.run("up", "--yes", *stack_arguments(NAME), on_line=Counter(say, log))

    def loadtest(self, options: Sequence[str]) -> int:
        """Compare the three paths with k6, with options of `loadtests.compare`; the exit status is the comparison's."""
        outputs = self.outputs()
        environment = os.environ | {
            "KUBECONFIG": str(outputs["kubeconfig"]),
            "LOADTEST_IMAGE": str(outputs["loadtest_image"]),
            "KUBECTL": str(forward.kubectl()),
            **{variable: ADDRESSES[key] for variable, key in LOADTEST_ADDRESSES.items()},
        }
        return subprocess.run(
            [sys.executable, "-m", "loadtests.compare", *options], cwd=REPO, env=environment, check=False
        ).returncode

    def down(self, say: Say) -> None:
        """Destroy the stack and remove every process, interface, mount and file of it outside caches; safe to repeat."""
        self._cluster.check()
        owner.refuse_other(self._state, REPO)
        if not self._state.exists():
            self._cluster.stop()  # what a lost state directory may have left
            say("nothing is up")
            return
        failure = self._destroy(say)
        if failure and not self._cluster.disposable:
            raise failure  # what is left in a cluster that was given can only be found through the state
        self._issuer.stop()
        self._account.stop()
        self._cluster.stop()
        for part in OWN_PARTS:
            shutil.rmtree(self._state / part, ignore_errors=True)
        clusters.forget(self._state)
        if not (self._state / "node").exists():  # a node that was started by hand keeps its owner
            owner.release(self._state)
        say("the stack is down; caches stay (`make clean` removes them)")
        if failure:
            raise failure

    def _destroy(self, say: Say) -> LocalError | None:
        """Destroy the stack with the engine, and return why that failed; nothing to do where its parts do not run."""
        if not (self._state / "pulumi" / "project").exists():
            return None
        if not (self._cluster.running() and self._account.running()):
            if self._cluster.disposable:
                return None
            return LocalError(
                "The cluster or the emulated AWS API does not answer: run `make up`, then `make down` again."
            )
        engine = self._engine()
        log = self._state / "pulumi" / "destroy.log"
        try:
            killed = recover(engine, self._account.api, say)
            self._unsure.touch()
            # A run that makes nothing leaves too much in the state when it is killed without checkpoints, never too little,
            # and the next one's refresh takes it out. For a cluster that stays, not even that is left to chance.
            engine.run(
                "destroy",
                "--yes",
                "--skip-preview",
                *(["--refresh"] if killed else []),
                "--stack",
                NAME,
                on_line=Counter(say, log),
                checkpoints=not self._cluster.disposable,
            )
        except LocalError as error:
            return error
        return None


def _not_up() -> NoReturn:
    raise LocalError("The local stack is not up: run `make up`.")


def _build_model(say: Say) -> None:
    """Build the model in the serving environment, whose libraries this process does not load."""
    stream(["sh", "local/bootstrap.sh", ".venv-serving", "requirements/serving.lock"], say, "the serving environment")
    stream(
        [str(REPO / ".venv-serving" / "bin" / "python"), "-m", "model_build", "--output", str(MODEL)],
        say,
        "the model build",
    )
