"""Envoy before Triton sees every text in the clear: it writes none down, and nobody administers it from outside."""

from collections.abc import Iterator
from typing import Any

from policies.rules.config_maps import CONFIG_MAP, files_with, values_of
from policies.rules.resource import Resource
from policies.rules.rule import Findings, NotApplicable, Severity, links, resource_rule

ENVOY = "static_resources"
"""What every configuration of Envoy has."""
LOOPBACK = ("127.0.0.1", "::1")
COPYING = ("envoy.extensions.filters.http.tap.", "envoy.extensions.transport_sockets.tap.", "envoy.config.tap.")
"""Types of extensions that write down what passes."""


@resource_rule(
    "proxy-keeps-no-text",
    CONFIG_MAP,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 312(e)(1)"),
    remediation="leave out admin, or bind it to 127.0.0.1 or a pipe, and remove tap filters and tap transport sockets.",
    link="https://www.envoyproxy.io/docs/envoy/latest/operations/admin",
)
def proxy_keeps_no_text(config_map: Resource) -> Findings:
    """Envoy's administration is closed to other pods, and no filter of it writes down what passes."""
    configurations = list(files_with(ENVOY, config_map))
    if not configurations:
        raise NotApplicable(f"applies to ConfigMaps with a configuration of Envoy ({ENVOY})")
    for content in configurations:
        for address in _administration(content):
            yield f"admin listens on {address}, expected {LOOPBACK[0]}, a pipe, or no admin"
        for kind in values_of(content, "@type"):
            if str(kind).rpartition("/")[2].startswith(COPYING):
                yield f"{kind} writes down what passes, expected none"


def _administration(content: dict[str, Any]) -> Iterator[str]:
    address = (content.get("admin") or {}).get("address") or {}
    host = (address.get("socket_address") or {}).get("address")
    return iter([host] if host and host not in LOOPBACK else [])
