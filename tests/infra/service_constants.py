"""Constants of the services, which run in another environment than the program and cannot be imported here."""

import ast
from typing import Any

from local.paths import REPO


def constant(module: str, name: str) -> Any:
    """Value of the constant `name` in a module such as `services.http.draining`."""
    file = REPO.joinpath(*module.split(".")).with_suffix(".py")
    (value,) = [
        node.value
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]
    ]
    return ast.literal_eval(value)
