"""`make demo-serve`: keeps the embedded tenant and catalog running for people who try the CLI."""

import signal
from pathlib import Path
from threading import Event
from typing import Final

from local.catalog.embedded import EmbeddedCatalog
from local.sample import sample_tenant
from local.setting import environment_of

REPORTS: Final = Path(__file__).parents[1] / "build" / "reports"


def main() -> None:
    """Serve until interrupted; print what to export in another terminal."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with sample_tenant() as tenant, EmbeddedCatalog() as catalog:
        print("# The embedded tenant and catalog are running. In another terminal:\n")
        variables = environment_of(tenant, catalog) | {"REPORT_URI": str(REPORTS)}
        for name, value in variables.items():
            print(f"export {name}='{value}'")
        print("\n.venv/bin/datasphere-glue doctor")
        print(".venv/bin/datasphere-glue plan")
        print(".venv/bin/datasphere-glue sync")
        print(".venv/bin/datasphere-glue show datasphere_sales.sales_am\n", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
