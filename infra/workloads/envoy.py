"""Envoy's configuration: it ends mutual TLS and lets a few methods pass to Triton on loopback; the rest stays outside.

Nothing of a request is written anywhere: no access log, no tracing, no administration interface.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

METHODS = ("ModelInfer", "ModelMetadata", "ModelReady", "ServerLive", "ServerReady")
"""Methods of inference.GRPCInferenceService that pass: none of them changes a model, a log, a trace or shared memory."""
READY_PATH = "/ready"
REQUEST_TIMEOUT_S = 120
"""Only a bound: the caller's deadline is shorter, and ends the request here and in Triton."""
_HEAP_MIB = 32
_CONNECTIONS = 256
_STREAMS = 128
_TYPE = "type.googleapis.com/envoy.extensions"
_HEAP = "envoy.resource_monitors.fixed_heap"


@dataclass(frozen=True, kw_only=True)
class Envoy:
    """Where it listens and forwards, which certificates it uses, and who may call.

    `certificates` is a folder with tls.crt, tls.key and ca.crt that changes as a Secret's volume does; `configuration` is
    the folder that holds the `files`. `client` is the DNS name that a caller's certificate must carry. No connection lasts
    longer than `connection_s`: a client that comes back looks up the addresses, and is verified, anew.
    """

    port: int
    health_port: int
    upstream_port: int
    certificates: str
    configuration: str
    client: str
    connection_s: float
    address: str = "0.0.0.0"  # noqa: S104 - a pod's own network, behind NetworkPolicy

    @property
    def arguments(self) -> list[str]:
        """Its command line: one worker thread, no shared memory, warnings only."""
        start = ["--config-path", f"{self.configuration}/envoy.json"]
        return [*start, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]

    def files(self) -> dict[str, str]:
        """What goes into `configuration`, by name."""
        contents = {
            "envoy.json": self._bootstrap(),
            "certificate.json": self._secret("certificate", "tls_certificate", self._certificate()),
            "authority.json": self._secret("authority", "validation_context", self._authority()),
        }
        return {name: json.dumps(content, indent=1) for name, content in contents.items()}

    def _bootstrap(self) -> Json:
        return {
            # Files that change are watched on behalf of a node, which has to have a name.
            "node": {"id": "tls-proxy", "cluster": "tls-proxy"},
            "static_resources": {
                "listeners": [
                    self._listener("grpc", self.port, _inference(), self._tls("h2", self._client())),
                    # Over TLS too: the kubelet takes any certificate, and sees thereby that there is one.
                    self._listener("health", self.health_port, _health(), self._tls("http/1.1", self._anyone())),
                ],
                "clusters": [_triton(self.upstream_port)],
            },
            "overload_manager": _overload(),
        }

    def _listener(self, name: str, port: int, http: Json, tls: Json) -> Json:
        http["common_http_protocol_options"] = {
            "max_connection_duration": f"{self.connection_s}s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        }
        return {
            "name": name,
            "address": _address(self.address, port),
            "per_connection_buffer_limit_bytes": 32 * 1024,
            "filter_chains": [
                {
                    "filters": [{"name": "http", "typed_config": {**http, "stat_prefix": name}}],
                    "transport_socket": {"name": "tls", "typed_config": tls},
                }
            ],
        }

    def _tls(self, protocol: str, clients: Json) -> Json:
        return {
            "@type": f"{_TYPE}.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": "combined_validation_context" in clients,
            # Every connection is verified: none goes on from a session that an earlier certificate opened.
            "disable_stateless_session_resumption": True,
            "disable_stateful_session_resumption": True,
            "common_tls_context": {
                "alpn_protocols": [protocol],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
                "tls_certificate_sds_secret_configs": [self._from_file("certificate")],
                **clients,
            },
        }

    def _client(self) -> Json:
        # Letter by letter: an `exact` name would be met by a wildcard too.
        name = {"san_type": "DNS", "matcher": {"safe_regex": {"regex": re.escape(self.client)}}}
        named = {"match_typed_subject_alt_names": [name]}
        authority = self._from_file("authority")
        return {
            "combined_validation_context": {
                "default_validation_context": named,
                "validation_context_sds_secret_config": authority,
            }
        }

    def _anyone(self) -> Json:
        """Shows no certificate; the authority is waited for all the same."""
        return {"validation_context_sds_secret_config": self._from_file("authority")}

    def _from_file(self, secret: str) -> Json:
        return {
            "name": secret,
            "sds_config": {
                "resource_api_version": "V3",
                "path_config_source": {"path": f"{self.configuration}/{secret}.json"},
            },
        }

    def _secret(self, name: str, kind: str, content: Json) -> Json:
        """A Secret's volume changes in one step, the renaming of a symbolic link in its folder: that is what is watched."""
        watched = {**content, "watched_directory": {"path": self.certificates}}
        secret = {"@type": f"{_TYPE}.transport_sockets.tls.v3.Secret", "name": name, kind: watched}
        return {"resources": [secret]}

    def _certificate(self) -> Json:
        return {
            "certificate_chain": {"filename": f"{self.certificates}/tls.crt"},
            "private_key": {"filename": f"{self.certificates}/tls.key"},
        }

    def _authority(self) -> Json:
        return {"trusted_ca": {"filename": f"{self.certificates}/ca.crt"}}


def _address(address: str, port: int) -> Json:
    return {"socket_address": {"address": address, "port_value": port}}


def _http(codec: str, routes: list[Json], *filters: Json) -> Json:
    router = {"name": "router", "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"}}
    return {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "codec_type": codec,
        "generate_request_id": False,
        "early_header_mutation_extensions": [_without_orders()],
        "request_headers_timeout": "10s",
        "http2_protocol_options": {
            "max_concurrent_streams": _STREAMS,
            "initial_stream_window_size": 64 * 1024,
            "initial_connection_window_size": 1024 * 1024,
        },
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [*filters, router],
    }


def _without_orders() -> Json:
    """A caller orders no retries and no other timeouts with Envoy's own headers."""
    mutation = {"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}}
    kind = f"{_TYPE}.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    return {"name": "without-orders", "typed_config": {"@type": kind, "mutations": [mutation]}}


def _inference() -> Json:
    """Messages stream through, so what bounds their size is what the gateway sends and Triton accepts. Nothing is retried:
    that is the gateway's, which knows another Triton.
    """
    routes = [
        {
            "match": {"path": f"/inference.GRPCInferenceService/{method}", "grpc": {}},
            "route": {"cluster": "triton", "timeout": f"{REQUEST_TIMEOUT_S}s"},
        }
        for method in METHODS
    ]
    refused = {"match": {"prefix": "/"}, "direct_response": {"status": 403}}
    return _http("HTTP2", [*routes, refused])


def _health() -> Json:
    answer = {
        "name": "health",
        "typed_config": {
            "@type": f"{_TYPE}.filters.http.health_check.v3.HealthCheck",
            "pass_through_mode": False,
            "headers": [{"name": ":path", "string_match": {"exact": READY_PATH}}],
        },
    }
    return _http("HTTP1", [], answer)


def _triton(port: int) -> Json:
    return {
        "name": "triton",
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": "triton",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address("127.0.0.1", port)}}]}],
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _overload() -> Json:
    """Rather turns requests away (503) than be killed for its memory with all that it holds."""
    kinds = f"{_TYPE}.resource_monitors"
    heap = {"@type": f"{kinds}.fixed_heap.v3.FixedHeapConfig", "max_heap_size_bytes": _HEAP_MIB * 1024 * 1024}
    connections = {
        "@type": f"{kinds}.downstream_connections.v3.DownstreamConnectionsConfig",
        "max_active_downstream_connections": _CONNECTIONS,
    }
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            {"name": _HEAP, "typed_config": heap},
            {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": connections},
        ],
        "actions": [_at(0.9, "shrink_heap"), _at(0.98, "stop_accepting_requests")],
    }


def _at(share: float, action: str) -> Json:
    trigger = {"name": _HEAP, "threshold": {"value": share}}
    return {"name": f"envoy.overload_actions.{action}", "triggers": [trigger]}
