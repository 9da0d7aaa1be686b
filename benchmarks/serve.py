"""The tenant, or the catalog, in a process of its own, so that its cost is measured separately.

Commands come in and answers go out as JSON, one a line: `{"latency": 0.12}` sets seconds per
answer, `{"change": 100}` changes the label of every 100th asset, `{"forget": true}` empties the
log; every answer holds the requests since the last one, and their CPU time.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.tenant import generated
from local.catalog.embedded import EmbeddedCatalog
from local.tenant.embedded import EmbeddedTenant, RecordedRequest

_LIST_DEPTH: Final = 6
"""Parts of the path of a list: /dwaas-core/api/v1/spaces/SPACE/views."""


def _kind(request: RecordedRequest) -> str:
    parts = [part for part in request.path.split("/") if part]
    if parts[-1] == "token":
        return "token"
    if parts[-1] == "$metadata":
        return "metadata"
    if "catalog" in parts:
        return "spaces" if parts[-1] == "spaces" else "assets"
    return "definition" if len(parts) > _LIST_DEPTH else "list"


def _commands() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def _respond(**answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def serve_tenant(assets: int, columns: int, spaces: int) -> None:
    """Serve a generated tenant until the input ends."""
    with EmbeddedTenant(generated(assets, columns, spaces)) as tenant:
        _respond(
            DATASPHERE_URL=tenant.url,
            DATASPHERE_TOKEN_URL=tenant.token_url,
            DATASPHERE_CLIENT_ID=tenant.client_id,
            DATASPHERE_CLIENT_SECRET=tenant.client_secret,
        )
        began = time.process_time()
        for command in _commands():
            if "latency" in command:
                tenant.behave(latency=command["latency"])
            for entry in tenant.spaces.entries()[:: command.get("change") or sys.maxsize]:
                if command.get("change"):
                    tenant.spaces.set_label(entry.space, entry.name, "changed")
            if command.get("forget"):
                tenant.requests.clear()
                began = time.process_time()
            kinds = Counter(_kind(request) for request in list(tenant.requests))
            _respond(requests=dict(sorted(kinds.items())), cpu_s=time.process_time() - began)


def serve_catalog() -> None:
    """Serve an empty catalog until the input ends."""
    with EmbeddedCatalog() as catalog:
        # The first call of a service of moto takes a second, which is not part of the measurement.
        catalog.client("sts").get_caller_identity()
        _respond(**catalog.environment)
        began = time.process_time()
        for command in _commands():
            catalog.latency = command.get("latency", catalog.latency)
            if command.get("forget"):
                catalog.calls.clear()
                began = time.process_time()
            calls = Counter(catalog.calls.operations)
            _respond(requests=dict(sorted(calls.items())), cpu_s=time.process_time() - began)


if __name__ == "__main__":
    side, *numbers = sys.argv[1:]
    if side == "catalog":
        serve_catalog()
    else:
        serve_tenant(*map(int, numbers))
