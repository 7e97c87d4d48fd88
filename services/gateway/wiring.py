"""The gateway on its real dependencies."""

import sys
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry

from services.gateway.app import Dependencies, Options, create_app
from services.gateway.audit.log import AuditLog, Origin
from services.gateway.audit.writer import Volume
from services.gateway.auth import Authenticator
from services.gateway.clock import Clock, SystemClock
from services.gateway.deidentify.engine import TextEngine
from services.gateway.deidentify.policy import DEFAULT_POLICY, Policy, PolicyError, load_key, load_policy
from services.gateway.deidentify.pool import AT_ONCE, DeidentifierPool
from services.gateway.limits.admission import Limits
from services.gateway.limits.breaker import Breaker
from services.gateway.limits.failures import FailedAuthentications
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.quota import Quota
from services.gateway.limits.replicas import Replicas, resolver
from services.gateway.limits.shedding import Shedding
from services.gateway.rotation import Rotation
from services.gateway.settings import Settings, SettingsError
from services.gateway.telemetry import tracer
from services.gateway.telemetry.otlp import Lines, SpanLines
from services.gateway.telemetry.prometheus import MetricLines
from services.gateway.triton_client import GrpcTritonClient

Background = Callable[[CollectorRegistry], Awaitable[None]]


def build_app(settings: Settings, rotation: Rotation) -> FastAPI:
    """The application of these settings; SettingsError where a file that they name can't be used."""
    clock = SystemClock()
    policy, key = _policy(settings)
    who = {
        "service.name": "gateway",
        "service.instance.id": settings.audit_instance,
        "service.version": settings.audit_version,
    }
    lines = Lines(sys.stdout)
    replicas = _replicas(settings, clock)
    dependencies = Dependencies(
        authenticator=Authenticator.from_settings(
            settings, own_certificate=rotation.identity.chain, failures=FailedAuthentications(clock=clock)
        ),
        limits=Limits(_quota(settings), replicas=replicas, clock=clock),
        deidentifier=DeidentifierPool(
            lambda: TextEngine(policy, key=key), threads=settings.deidentify_threads, clock=clock, at_once=AT_ONCE
        ),
        make_triton=lambda: _triton(settings, rotation, clock),
        audit=AuditLog(
            Volume(settings.audit_dir, settings.audit_max_mib * 1_048_576),
            Origin(settings.audit_instance, settings.audit_version, deid_policy=policy.version),
            clock=clock,
        ),
        clock=clock,
        rotation=rotation,
        tracer=tracer(BatchSpanProcessor(SpanLines(lines)), who),
        background=(lambda _: replicas.run(), *_metrics(settings, MetricLines(lines, who))),
    )
    return create_app(
        dependencies,
        Options(
            model_name=settings.triton_model,
            policy_version=policy.version,
            timeout_s=settings.request_timeout_s,
            max_tokens=settings.request_max_tokens,
            trace_ratio=settings.trace_ratio,
            docs=settings.docs,
        ),
    )


def _policy(settings: Settings) -> tuple[Policy, bytes | None]:
    try:
        policy = load_policy(settings.deidentify_policy_file or DEFAULT_POLICY)
        key = load_key(settings.deidentify_key_file) if settings.deidentify_key_file else None
    except PolicyError as error:
        raise SettingsError(str(error)) from None
    if policy.needs_key and key is None:
        raise SettingsError("Set GATEWAY_DEIDENTIFY_KEY_FILE: the policy has surrogates or date shifts.")
    return policy, key


def _quota(settings: Settings) -> Quota:
    return Quota(settings.rate_requests_per_minute, settings.rate_texts_per_minute, settings.rate_concurrency)


def _replicas(settings: Settings, clock: Clock) -> Replicas:
    name = settings.rate_replicas_name
    return Replicas(resolver(name) if name else None, most=settings.rate_max_replicas, clock=clock)


def _triton(settings: Settings, rotation: Rotation, clock: Clock) -> GuardedTriton:
    client = GrpcTritonClient(
        settings.triton_url,
        identity=lambda: rotation.identity,
        model=settings.triton_model,
        clock=clock,
        versions=[each for each in settings.triton_versions.split(",") if each],
    )
    shedding = Shedding(clock=clock, slow_s=settings.triton_slow_s, max_wait_s=settings.triton_max_wait_s)
    return GuardedTriton(client, breaker=Breaker(clock=clock), shedding=shedding, clock=clock)


def _metrics(settings: Settings, lines: MetricLines) -> tuple[Background, ...]:
    interval_s = settings.metrics_interval_s
    return (lambda registry: lines.run(registry, interval_s=interval_s),) if interval_s else ()
