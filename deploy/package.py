"""The checks of the built artefact: its contents, its size, and forbidden files.

`python -m deploy.package FOLDER arm64` prints the contents by package and fails when the artefact
is too large, holds what Lambda's runtime provides, or holds machine code for another processor.
"""

import struct
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

LIMIT: Final = 16_000_000
"""Bytes, unzipped: each cold start unpacks and compiles all of it."""

FORBIDDEN: Final = {
    "boto3": "Lambda's runtime provides it",
    "botocore": "Lambda's runtime provides it",
    "s3transfer": "Lambda's runtime provides it",
    "aws_xray_sdk": "tracing is a setting of the function, not a package",
    "pytest": "a tool for developers",
    "moto": "a tool for developers",
    "local": "the embedded tenant is for developers",
}
_MACHINES: Final = {"arm64": 183, "x86_64": 62}
"""`e_machine` of an ELF header (ELF specification, EM_AARCH64 and EM_X86_64)."""


def contents(artefact: Path) -> dict[str, int]:
    """Return the bytes of each top-level entry, a package together with its dist-info."""
    sizes: Counter[str] = Counter()
    for path in _files(artefact):
        top = path.relative_to(artefact).parts[0]
        sizes[top.partition("-")[0] if top.endswith(".dist-info") else top] += path.stat().st_size
    return dict(sizes.most_common())


def problems(artefact: Path, architecture: str) -> list[str]:
    """Return what is wrong with the artefact, as sentences; empty when it may be deployed."""
    sizes = contents(artefact)
    forbidden = [f"{name} is inside: {why}" for name, why in FORBIDDEN.items() if name in sizes]
    if (total := sum(sizes.values())) > LIMIT:
        forbidden.append(f"{total:,} bytes are more than {LIMIT:,}")
    if not (artefact / "datasphere_glue" / "handler.py").is_file():
        forbidden.append("datasphere_glue/handler.py is missing")
    for path in _files(artefact):
        name = path.relative_to(artefact)
        if "__pycache__" in name.parts:
            forbidden.append(f"{name} is a left-over of the machine that built it")
        if path.suffix == ".so" and _machine(path) != _MACHINES[architecture]:
            forbidden.append(f"{name} is machine code for another processor than {architecture}")
    return forbidden


def zipped(artefact: Path) -> int:
    """Return the bytes of the artefact as one compressed archive, which is what is uploaded."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(artefact):
            archive.write(path, path.relative_to(artefact))
    return buffer.tell()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _machine(shared_object: Path) -> int:
    with shared_object.open("rb") as file:
        (machine,) = struct.unpack_from("<H", file.read(20), 18)
    return int(machine)


def main(artefact: Path, architecture: str) -> int:
    """Print what the artefact holds; return 0 when it may be deployed, else 1."""
    sizes = contents(artefact)
    lines = [f"{size:>12,}  {name}" for name, size in sizes.items()]
    total = f"{sum(sizes.values()):,} bytes unzipped (limit {LIMIT:,}), {zipped(artefact):,} zipped"
    wrong = problems(artefact, architecture)
    sys.stdout.write("\n".join([*lines, total, *(f"WRONG: {line}" for line in wrong), ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
