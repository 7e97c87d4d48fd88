"""moto behind TLS: `python -m local.aws.emulator ADDRESS PORT CERTIFICATE KEY` serves until it is ended.

Not moto_server itself, because that makes the TLS handshake in its only accepting thread: one client that connects and
says nothing would stop every other.
"""

import json
import logging
import signal
import ssl
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar

from moto.elbv2.ssl_policies import SSL_POLICIES
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.route53resolver.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.route53resolver.models import Route53ResolverBackend
from moto.route53resolver.responses import Route53ResolverResponse
from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
from moto.server import ThreadedMotoServer
from werkzeug.serving import BaseWSGIServer, make_server

_IDLE_S = 60


class _Handler(MotoRequestHandler):
    timeout: ClassVar[int] = _IDLE_S  # also bounds the handshake, which the first read makes
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; waiting for the first's ACK costs 40 ms

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Refusals only: a request line of every call would make the log grow without end."""
        if str(code)[:1] in "45":
            super().log_request(code, size)


def leave_conditions_out() -> None:
    """Judge buckets' policies by their unconditional statements.

    moto knows none of the values that conditions speak of, and takes a Deny with a condition ("not over TLS", "not with
    our key") as one that always holds: a bucket with a good policy could not be used at all.
    """

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        judged = [statement for statement in statements if "Condition" not in statement]
        return IAMPolicy(json.dumps({**policy, "Statement": judged})).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign]


def let_delete_markers_go() -> None:
    """Let a version that is a delete marker be deleted: moto frees an object's bytes then, and a marker has none."""
    FakeDeleteMarker.dispose = lambda self, garbage=False: None  # type: ignore[attr-defined]


def let_query_logging_end() -> None:
    """Let query logging of Route 53 Resolver be tagged and ended: moto knows only how it begins."""
    matched_arn = Route53ResolverBackend._matched_arn

    def delete(self: Route53ResolverResponse) -> str:
        backend = self.route53resolver_backend
        config = backend.get_resolver_query_log_config(self._get_param("ResolverQueryLogConfigId"))
        if config.association_count:
            raise InvalidRequestException(f"Query logging config {config.id} is still associated with a VPC")
        del backend.resolver_query_log_configs[config.id]
        return json.dumps({"ResolverQueryLogConfig": config.description()})

    def disassociate(self: Route53ResolverResponse) -> str:
        backend = self.route53resolver_backend
        config = backend.get_resolver_query_log_config(self._get_param("ResolverQueryLogConfigId"))
        wanted = (config.id, self._get_param("ResourceId"))
        for found in list(backend.resolver_query_log_config_associations.values()):
            if (found.resolver_query_log_config_id, found.resource_id) == wanted:
                config.association_count -= 1
                del backend.resolver_query_log_config_associations[found.id]
                return json.dumps({"ResolverQueryLogConfigAssociation": found.description()})
        raise ResourceNotFoundException(f"Query logging config {config.id} is not associated with this VPC")

    def match_arn(self: Route53ResolverBackend, resource_arn: str) -> None:
        if resource_arn not in {config.arn for config in self.resolver_query_log_configs.values()}:
            matched_arn(self, resource_arn)

    Route53ResolverResponse.delete_resolver_query_log_config = delete  # type: ignore[attr-defined]
    Route53ResolverResponse.disassociate_resolver_query_log_config = disassociate  # type: ignore[attr-defined]
    Route53ResolverBackend._matched_arn = match_arn  # type: ignore[method-assign]


def let_locked_buckets_change() -> None:
    """Let Object Lock be set on a bucket that has objects, as S3 does since November 2023."""

    def put(
        self: S3Backend,
        bucket_name: str,
        lock_enabled: bool,
        mode: str | None = None,
        days: int | None = None,
        years: int | None = None,
    ) -> None:
        bucket = self.get_bucket(bucket_name)
        if not bucket.is_versioned:
            raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
        bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
        bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years

    S3Backend.put_object_lock_configuration = put  # type: ignore[method-assign]


def know_fips_policies() -> None:
    """Take the load balancers' security policies of FIPS 140-validated modules, by name; moto knows none of them.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html#fips-security-policies
    """
    for reach in ("1-3", "1-2", "1-2-Res", "1-2-Ext0", "1-2-Ext1", "1-2-Ext2"):
        for edition in ("FIPS-2023-04", "FIPS-PQ-2025-09"):
            name = f"ELBSecurityPolicy-TLS13-{reach}-{edition}"
            SSL_POLICIES.setdefault(name, {"name": name})


def admit_log_writers() -> None:
    """Judge whether S3 may write access logs into a bucket as S3 does: moto takes exactly one form of statement."""

    def enabled(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        policy = json.loads(target_bucket.policy or "{}")
        written = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}object"
        return any(
            statement["Effect"] == "Allow"
            and statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
            and "s3:PutObject" in statement["Action"]
            and fnmatchcase(written, statement["Resource"])
            for statement in policy.get("Statement", [])
        )

    FakeBucket._log_permissions_enabled_policy = staticmethod(enabled)  # type: ignore[method-assign]


def amend() -> None:
    """Everything in which this process's moto is to differ from the one that is installed."""
    leave_conditions_out()
    let_delete_markers_go()
    let_locked_buckets_change()
    let_query_logging_end()
    know_fips_policies()
    admit_log_writers()


def start_here() -> tuple[ThreadedMotoServer, str]:
    """An amended moto in this process, on a free port of loopback, and its URL; whoever started it stops it."""
    amend()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return server, f"http://{host}:{port}"


def serve(address: str, port: int, certificate: Path, key: Path) -> BaseWSGIServer:
    """A bound server, not serving yet; raises SystemExit where the port is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    application: Any = DomainDispatcherApplication(create_backend_app)
    server = make_server(address, port, application, threaded=True, request_handler=_Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.ssl_context = context
    return server


def main() -> None:
    """Serve until SIGTERM."""
    address, port, certificate, key = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    amend()
    server = serve(address, int(port), Path(certificate), Path(key))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
