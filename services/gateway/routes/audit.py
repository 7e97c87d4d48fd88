"""`GET /v1/audit`: where the audit trail is, for reviewers who hold a copy of it; no record, and so nothing about anybody."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.audit.chain import Head
from services.gateway.openapi import CALLER_PROBLEMS, describe
from services.gateway.problems import AUDIT_FAILED
from services.gateway.routes.api import Api
from services.gateway.schemas import AuditAnswer, TrailRecord
from services.http.problems import ProblemError


def add(api: Api) -> None:
    """Add the route."""

    @api.app.get("/v1/audit", response_model=AuditAnswer, **describe("audit:read", given=CALLER_PROBLEMS))
    async def audit(request: Request) -> Response:
        """Say where the audit trail is: its last record and its last anchor, with their hashes."""
        async with api.pipeline.admitted(request, "audit:read") as call:
            state = await asyncio.to_thread(api.pipeline.audit.state)
            if state.head is None:
                raise ProblemError(AUDIT_FAILED)
            return call.answer(
                AuditAnswer(
                    chain=state.head.chain,
                    records=state.head.sequence + 1,
                    head=_record(state.head),
                    anchor=_record(state.anchor) if state.anchor else None,
                    writable=state.writable,
                    whole=state.whole,
                    request_id=call.record.request_id,
                )
            )


def _record(head: Head) -> TrailRecord:
    return TrailRecord(sequence=head.sequence, hash=head.hash)
