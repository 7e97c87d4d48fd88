"""An AWS stack lived through on this machine: applied, killed on the way, finished, destroyed: `make rehearse STACK=prod`.

AWS is the emulated account; the Kubernetes part goes to a real API server. The workloads are left out (no
`imageDigests`): their pods would ask for GPUs that this machine does not have.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import clusters, packages, toolchain
from local.aws.inventory import Item
from local.emulated_account import EmulatedAccount
from local.engine import FORCE_PATCHES, Engine, ensure_tools, stack_arguments
from local.errors import LocalError
from local.killing import run_and_kill
from local.node import owner
from local.paths import MODEL, REPO, STATE
from local.phases import Say
from local.program import run_program, stack_values
from local.progress import Counter
from local.recovery import left, orphans, recover

KEPT_ON_PURPOSE = frozenset(
    {
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    }
)
"""Settings that guard the whole account, and outlive the stack."""
RESULTS = REPO / "build" / "rehearsal"


@dataclass(frozen=True)
class Outcome:
    """What was counted. `unknown` is what the account has and the state lacks; `remaining` is what destroying left."""

    resources: int
    kills: tuple[int, ...]
    """For each killed run, how many resources it had begun to make."""
    unknown: tuple[Item, ...]
    remaining: tuple[Item, ...]


class Rehearsal:
    """One rehearsal of `stack`; it takes the machine's node, so the local stack must be down."""

    def __init__(self, stack: str, *, state: Path = STATE) -> None:
        self._stack, self._state = stack, state
        self._cluster = clusters.choose(state)
        self._account = EmulatedAccount(state / "aws", self._cluster)
        self._engine = Engine(
            directory=state / "rehearsal",
            stack=stack,
            policy_results=RESULTS / stack / "policy-results.jsonl",
            extra_environment=(*self._account.environment(), FORCE_PATCHES),
        )

    def run(self, *, kills: int, seed: int, say: Say) -> Outcome:
        """Live through it all; raises LocalError where a step fails, after everything was taken down."""
        with self._ground(say):
            self._engine.prepare(self._values(protected=None))
            killed = self._kill(kills, random.Random(seed), say)  # noqa: S311 - for reproduction, not for secrets
            self._apply(say, "applying to the end")
            unknown = tuple(orphans(self._engine, self._account.api))
            resources = len(self._engine.resources())
            self._engine.prepare(self._values(protected=False))
            self._apply(say, "lifting the protection against deletion")
            self._run(say, "destroy", "--yes", "--skip-preview", "--stack", self._stack)
            remaining = tuple(item for item in left(self._account.api) if item.kind not in KEPT_ON_PURPOSE)
        return Outcome(resources, killed, unknown, remaining)

    @contextmanager
    def _ground(self, say: Say) -> Iterator[None]:
        """The tools, a node and an empty account; all but the tools is gone afterwards."""
        self._cluster.check()
        owner.refuse_other(self._state, REPO)
        if (self._state / "pulumi").exists():
            raise LocalError(
                "The local stack is up: run `make down` first, because a rehearsal needs the node for itself."
            )
        packages.ensure(self._cluster.packages, say)
        toolchain.ensure(self._cluster.tools)
        ensure_tools(say)
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._cluster.start(say)
            self._account.start()
            say("AWS is emulated on this machine by moto; nothing is created in an AWS account")
            yield
        finally:
            self._account.stop()
            self._cluster.stop()
            for part in ("rehearsal", "aws"):
                shutil.rmtree(self._state / part, ignore_errors=True)
            owner.release(self._state)

    def _kill(self, kills: int, chance: random.Random, say: Say) -> tuple[int, ...]:
        """Start the update `kills` times, and kill it each time on a random one of the resources that it makes."""
        planned = len(run_program(stack_values(self._stack, MODEL), stack=self._stack).resources)
        begun = []
        for number in range(1, kills + 1):
            recover(self._engine, self._account.api, say)
            begun.append(run_and_kill(self._engine, self._up(), creating=chance.randint(1, 2 * planned // kills)))
            say(f"kill {number} of {kills}: while making resource {begun[-1]} of that run")
        return tuple(begun)

    def _apply(self, say: Say, what: str) -> None:
        say(what)
        recover(self._engine, self._account.api, say)
        self._run(say, *self._up())

    def _run(self, say: Say, *arguments: str) -> None:
        """A run that is not killed: were it to be, all of the rehearsal would be thrown away, its state too."""
        counter = Counter(say, RESULTS / self._stack / "engine.log")
        self._engine.run(*arguments, on_line=counter, checkpoints=False)

    def _up(self) -> tuple[str, ...]:
        return ("up", "--yes", "--skip-preview", "--refresh", *stack_arguments(self._stack))

    def _values(self, *, protected: bool | None) -> dict[str, object]:
        """The stack's own configuration here, without workloads; `protected` None leaves the protection as configured."""
        values = {**self._account.values(self._stack), "inference:imageDigests": ""}
        return values if protected is None else {**values, "inference:deletionProtection": str(protected).lower()}
