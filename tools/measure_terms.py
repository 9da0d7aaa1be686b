"""`make term-counts FILE=...`: counts the annotations and structures of CSN exports.

FILE is an export, or a folder with exports at any depth. The counts are kept in
tools/term_counts.json, from which `make reference` writes docs/reference/terms.md. A frequent kind
that lands nowhere is listed, and ends with exit code 1.
"""

import sys
from pathlib import Path

from tools.term_counts import CUSTOM, exports_of, measure, store
from tools.term_page import nowhere


def main(arguments: list[str]) -> int:
    """Measure the exports at the paths, keep the counts and print what they are."""
    if not arguments:
        print("usage: make term-counts FILE=export.json", file=sys.stderr)
        return 1
    counts = measure([one for path in arguments for one in exports_of(Path(path))])
    store(counts)
    print(f"{counts.documents} documents, {counts.entities} entities, {counts.columns} columns")
    print(f"{counts.annotations} annotations, {counts.share:.2f} % of them in {CUSTOM}")
    lost = nowhere(counts)
    for kind in lost:
        print(f"lands nowhere: {kind}, {counts.kinds[kind][0]} times")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
