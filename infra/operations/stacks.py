"""What the commands need to know of a stack: the parts of Pulumi.<stack>.yaml that name things in AWS."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.model_repository import REPO
from infra.operations.errors import OperationError


@dataclass(frozen=True)
class StackFile:
    """A stack by its file. Commands do not run the program: they work where its configuration is not complete yet."""

    path: Path
    region: str
    environment: str
    accelerator: str
    deployer: str | None
    """ARN of the deployer's role, or its name in the stack's account."""
    administrator: str | None = None
    """The same of the role that makes the first update; None once it was taken out of the file."""
    load_tested: bool = False
    """Whether a caller of the gateway is in the namespace of load tests."""

    @classmethod
    def read(cls, stack: str, *, folder: Path = REPO) -> "StackFile":
        """The file of `stack`; raises OperationError where there is none, or where it lacks region or environment."""
        path = folder / f"Pulumi.{stack}.yaml"
        if not path.is_file():
            raise OperationError(f"There is no {path.name}: name a stack whose file lies in the repository's root.")
        config: dict[str, Any] = (yaml.safe_load(path.read_text()) or {}).get("config") or {}
        for key in ("aws:region", "inference:environment"):
            if not config.get(key):
                raise OperationError(f"{path.name} sets no {key}: set it.")
        roles = config.get("inference:accessRoles") or {}
        callers = (config.get("inference:auth") or {}).get("callers") or []
        return cls(
            path=path,
            region=config["aws:region"],
            environment=config["inference:environment"],
            accelerator=config.get("inference:tritonAccelerator", "none"),
            deployer=roles.get("deployer"),
            administrator=roles.get("administrator"),
            load_tested=any(caller.get("namespace") == "loadtest" for caller in callers),
        )

    @property
    def updated_by(self) -> list[str]:
        """The roles that run `pulumi up`, the first to do so first."""
        return [role for role in (self.administrator, self.deployer) if role]

    @property
    def stack(self) -> str:
        """Its name, as the engine knows it."""
        return self.path.stem.removeprefix("Pulumi.")

    @property
    def name(self) -> str:
        """What the names of its resources begin with: `StackConfig.name`."""
        return f"inference-{self.environment}"


def stacks_of_region(region: str, *, folder: Path = REPO) -> list[StackFile]:
    """Every stack of the repository in `region`, by name."""
    files = sorted(folder.glob("Pulumi.*.yaml"))
    stacks = [StackFile.read(file.stem.removeprefix("Pulumi."), folder=folder) for file in files]
    return [stack for stack in stacks if stack.region == region]
