"""What is built from Go modules: one entry a program. Versions of modules are pinned in each folder's go.mod and go.sum."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Run(Protocol):
    """Runs a command in a folder and returns its standard output."""

    def __call__(self, command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> str: ...


@dataclass(frozen=True, kw_only=True)
class GoProgram:
    """A program, the module folder that pins it, and how it is linked. `folder` groups those that must lie side by side."""

    name: str
    version: str
    module: str
    package: str
    folder: str
    cold_s: int
    variables: tuple[tuple[str, str], ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Path, Run], None] | None = field(default=None, repr=False)
    beside: Callable[[Path, Run], list[Path]] | None = field(default=None, repr=False)

    @property
    def linker_flags(self) -> str:
        """No symbol table (a third of the size), and the variables that upstream's builds set."""
        return " ".join(["-s -w", *(f"-X {name}={value}" for name, value in self.variables)])


_PULUMI = "github.com/pulumi/pulumi"
_CERT_MANAGER = "github.com/cert-manager/cert-manager"
_METRICS_SERVER = "sigs.k8s.io/metrics-server"
_KUBERNETES_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"


def _source(dependency: str, module: Path, run: Run) -> Path:
    """The folder of a module's source, fetched where it is not there yet."""
    return Path(json.loads(run(["go", "mod", "download", "-json", dependency], module))["Dir"])


def _embed_schemas(module: Path, run: Run) -> None:
    """Write the two files that the provider embeds: upstream's build compacts them from files of the module."""
    source = _source(_KUBERNETES_PROVIDER, module, run)
    for name in ("schema", "terraform-mapping"):
        document = json.loads((source / "cmd" / "pulumi-resource-kubernetes" / f"{name}.json").read_text())
        target = module / "kubernetes-provider" / f"{name}-embed.json"
        target.write_text(json.dumps(document, separators=(",", ":")))


def _python_launchers(module: Path, run: Run) -> list[Path]:
    """The scripts that an official distribution keeps beside the Python language host."""
    python = _source(f"{_PULUMI}/sdk/v3", module, run) / "python"
    return [python / "cmd" / "pulumi-language-python-exec", python / "dist" / "pulumi-resource-pulumi-python"]


def _certificate_crds(module: Path, run: Run) -> list[Path]:
    """What defines Certificate, Issuer and the like; ACME is not in our build, so its kinds are not either."""
    return sorted((_source(_CERT_MANAGER, module, run) / "deploy" / "crds").glob("cert-manager.io_*.yaml"))


PROGRAMS = (
    GoProgram(
        name="kube",
        version="1.35.4",
        module="kubernetes",
        package="./kube",
        folder="kube",
        cold_s=300,
        variables=(
            ("k8s.io/component-base/version.gitVersion", "v1.35.4"),
            ("k8s.io/component-base/version.gitMajor", "1"),
            ("k8s.io/component-base/version.gitMinor", "35"),
        ),
    ),
    GoProgram(
        name="coredns",
        version="1.15.0",
        module="coredns",
        package="./coredns",
        folder="coredns",
        cold_s=70,
        environment={"CGO_ENABLED": "0"},  # its image holds nothing but the binary
    ),
    GoProgram(
        name="pause",
        version="1",
        module="pause",
        package=".",
        folder="pause",
        cold_s=5,
        environment={"CGO_ENABLED": "0"},
    ),
    GoProgram(
        name="cert-manager",
        version="1.21.2",
        module="cert-manager",
        package=".",
        folder="cert-manager",
        cold_s=120,
        variables=((f"{_CERT_MANAGER}/pkg/util.AppVersion", "v1.21.2"),),
        environment={"CGO_ENABLED": "0"},
        beside=_certificate_crds,
    ),
    GoProgram(
        name="metrics-server",
        version="0.9.0",
        module="metrics-server",
        package=f"{_METRICS_SERVER}/cmd/metrics-server",
        folder="metrics-server",
        cold_s=120,
        variables=(("k8s.io/client-go/pkg/version.gitVersion", "v0.9.0"),),
        environment={"CGO_ENABLED": "0"},
    ),
    GoProgram(
        name="audit-log",
        version="1",
        module="audit-log",
        package=".",
        folder="audit-log",
        cold_s=5,
        environment={"CGO_ENABLED": "0"},
    ),
    GoProgram(
        name="kube-router",
        version="2.6.3-k3s1",
        module="kube-router",
        package=".",
        folder="kube-router",
        cold_s=170,
        environment={"CGO_ENABLED": "0"},
    ),
    GoProgram(
        name="pulumi",
        version="3.230.0",
        module="pulumi",
        package=f"{_PULUMI}/pkg/v3/cmd/pulumi",
        folder="pulumi",
        cold_s=90,
        variables=((f"{_PULUMI}/sdk/v3/go/common/version.Version", "v3.230.0"),),
        beside=_python_launchers,
    ),
    GoProgram(
        name="pulumi-language-python",
        version="3.187.0",
        module="language-python",
        package=f"{_PULUMI}/sdk/python/cmd/pulumi-language-python/v3",
        folder="pulumi",
        cold_s=30,
    ),
    GoProgram(
        name="pulumi-language-yaml",  # for programs of others that the policy pack is tried on; ours is in Python
        version="1.21.2",
        module="language-yaml",
        package="github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        folder="language-yaml",
        cold_s=45,
    ),
    GoProgram(
        name="pulumi-resource-kubernetes",
        version="4.25.0",
        module="pulumi",
        package="./kubernetes-provider",
        folder="kubernetes-provider",
        cold_s=320,
        variables=((f"{_KUBERNETES_PROVIDER}/pkg/version.Version", "4.25.0"),),
        prepare=_embed_schemas,
    ),
)
