"""The colours of the report by what they are for, on light paper and on dark; no two are the same."""

from collections.abc import Mapping

GENERATOR = "k6"
"""The load generator, beside the services."""
LIGHT: Mapping[str, str] = {
    "ink": "#1f2328",
    "faint": "#59636e",
    "line": "#d1d9e0",
    "fastapi-svc": "#0072b2",
    "fastapi-naive": "#7a5fb5",
    "triton": "#d55e00",
    "triton-grpc": "#b8860b",
    "gateway": "#00805e",
    GENERATOR: "#8c8c8d",
}
"""Paths as Okabe and Ito chose colours, which those who see fewer of them tell apart; a little darker, for thin lines."""
DARK: Mapping[str, str] = {
    "ink": "#e6edf3",
    "faint": "#9198a1",
    "line": "#30363d",
    "fastapi-svc": "#58a6ff",
    "fastapi-naive": "#b39df3",
    "triton": "#ff8b4d",
    "triton-grpc": "#e3b341",
    "gateway": "#3fd0a4",
    GENERATOR: "#8b949e",
}


def recoloured(drawn: str, colours: Mapping[str, str]) -> str:
    """A drawing that was made with LIGHT, with other colours."""
    for name, colour in LIGHT.items():
        drawn = drawn.replace(colour, colours[name])
    return drawn
