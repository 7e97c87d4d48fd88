"""One change to the compliant stack."""

from dataclasses import dataclass
from typing import Any

from tests.policies.world import REMOVE, PropertyPath, World, change


@dataclass(frozen=True)
class Break:
    """One change (`name`, `path`, `value`), the rule that must fire, and on which resource if not the changed one.

    `also` names the rules that the same change cannot but violate too.
    """

    rule: str
    name: str
    path: PropertyPath = ()
    value: Any = REMOVE
    on: str = ""
    also: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The resource that the violation names."""
        return self.on or self.name

    def apply(self, world: World) -> None:
        """Break this world."""
        if self.path and self.path[0] == "new":
            world.append({"name": self.name, "from": {}, **self.value})
        else:
            change(world, self.name, self.path, self.value)
