"""One component by itself under Pulumi mocks: what it registers, and what each resource waits for."""

import asyncio
import contextlib
import contextvars
import gc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
from pulumi.runtime.mocks import set_mocks
from pulumi.runtime.stack import run_pulumi_func

from infra.account import Account
from infra.cluster import Cluster, ClusterArgs
from infra.context import Context
from local.program import ACCOUNT, Monitor, Program, Recorder

REGION = "us-east-1"
NAME = "inference-test"


class Component(Program):
    """What was registered, the outputs that `build` returned, and who waits for whom."""

    def waits_for(self, name: str) -> frozenset[str]:
        """Names of the resources that must be there before those called `name`."""
        labels = [label for label in self._waits if label.endswith(f"::{name}")]
        return frozenset(each.rpartition("::")[2] for label in labels for each in self._waits[label])


def run_component(
    build: Callable[[], Mapping[str, pulumi.Input[Any]] | None],
    *,
    preview: bool = False,
    recorder: Recorder | None = None,
) -> Component:
    """Runs `build` as a program; the values that it returns are resolved."""
    recorder = recorder or Recorder()
    monitor = Monitor(recorder)
    returned: dict[str, pulumi.Input[Any]] = {}

    async def resolved() -> dict[str, Any]:
        return {name: await pulumi.Output.from_input(value).future() for name, value in returned.items()}

    with _loops_closed(), asyncio.Runner() as runner:
        runner.get_loop()
        set_mocks(recorder, project="inference", stack="test", preview=preview, monitor=monitor)
        settings = contextvars.copy_context()
        runner.run(run_pulumi_func(lambda: returned.update(build() or {})), context=settings)
        outputs = runner.run(resolved(), context=settings)
    return Component(recorder.resources, outputs, monitor)


@contextlib.contextmanager
def _loops_closed() -> Iterator[None]:
    """Pulumi leaves loops open in the threads of its executor; the garbage collector would close their sockets first
    and then fail to close them, at any later time.
    """
    gc.disable()
    try:
        yield
    finally:
        left = [each for each in gc.get_objects() if issubclass(type(each), asyncio.AbstractEventLoop)]
        for loop in left:
            if not loop.is_running():
                loop.close()
        gc.enable()


def context(*, deletion_protection: bool = False) -> Context:
    """A context as the components get it; call it inside `build`."""
    return Context(
        name=NAME,
        account=Account(id=pulumi.Output.from_input(ACCOUNT), partition=pulumi.Output.from_input("aws"), region=REGION),
        tags={"owner": "platform team", "contact": "platform@example.com", "data-classification": "phi"},
        deletion_protection=deletion_protection,
        log_retention_days=2192,
    )


def cluster(of: Context, *, version: str = "1.35") -> Cluster:
    """A cluster for components that live in one; call it inside `build`."""
    return Cluster(
        "cluster",
        ClusterArgs(
            of,
            version=version,
            subnet_ids=["subnet-1", "subnet-2"],
            security_group_id="sg-control-plane",
            secrets_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/secrets",
            logs_key_arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs",
            access_roles={},
        ),
    )
