"""The audit trail, 45 CFR 164.312(b): one record for each request, answered or refused, and never its text.

A record is durable before its answer leaves (`log`), chained to the one before (`chain`) and checked with
`python -m services.gateway.audit verify` (`verify`). It leaves the pod by being fetched: a sidecar offers the records
(`outlet`) to the collector in the namespace `audit`, which puts them into the archive (`collector`). So the gateway's
pod reaches nothing for it, at the price of a port that only the collector's certificate opens, and of records that lie on
the pod's volume until the collector has come by: a node that is lost takes those of the last seconds with it.
"""

from services.gateway.audit.record import AuditError, AuditSink, Record, TrailState

__all__ = ["AuditError", "AuditSink", "Record", "TrailState"]
