"""The index of every asset that a run evaluated, packed so that one page can hold all of them.

    a space  {"space", "database", "assets": [asset, ...]}, one asset a line, sorted by name
    index    {"spaces": [...], "assets": [[space, name, table, label, kind, score, upstream,
              columns], ...], "left_out": [...]}, sorted by space and name

Both are gzip of UTF-8 JSON without a time stamp. `space` and `upstream` of the index are positions
in its lists; `left_out` names the spaces whose assets were dropped, so that only the index has
them. A Glue name is empty if it is the SAP name in lower case.

`packed_asset` gives an asset and the row of a column. `columns` of an asset lists its columns in
their order: the first occurrence of a column in a space is a row, each further one is the number of
that row, counted from 0 in the space. Many assets share columns, and the window of gzip is only
32 KB.
"""

import gzip
import heapq
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.table import Table
from datasphere_glue.outcome.packed_asset import Row, packed_asset, packed_column
from datasphere_glue.storage.state import UNUSABLE, bounded_json
from datasphere_glue.storage.store import Store

_LEVEL: Final = 6
_LARGEST_LINE: Final = 256_000_000
"""Bytes of a packed space."""
_GZIP: Final = 31
"""Window bits with which zlib writes the header of a gzip file, without a time."""

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class PackedSpace:
    """One space, or a slice of one: `rows` is the JSON of its index rows, both are gzip."""

    space: str
    database: str
    rows: bytes
    assets: bytes


@dataclass(frozen=True, slots=True)
class AssetIndex:
    """The index of all assets, and the assets of each space, sorted by space."""

    index: bytes
    spaces: tuple[tuple[str, bytes], ...]

    @property
    def size(self) -> int:
        """Return the bytes of the asset index in a page, as base64."""
        return _base64(self.index) + sum(_base64(body) for _, body in self.spaces)

    def within(self, limit: int) -> "AssetIndex":
        """Return the asset index with at most `limit` bytes of base64.

        The largest spaces are left out first; `left_out` names them. The list of all assets stays,
        even if it alone exceeds the limit.
        """
        if self.size <= limit:
            return self
        listed = json.loads(gzip.decompress(self.index))
        spaces, room = dict(self.spaces), limit - _base64(self.index)
        size = self.size - _base64(self.index)
        for space, body in sorted(self.spaces, key=lambda one: (-len(one[1]), one[0])):
            del spaces[space]
            size -= _base64(body)
            if size > room and spaces:
                continue
            left_out = sorted(name for name, _ in self.spaces if name not in spaces)
            smaller = AssetIndex(_packed(listed | {"left_out": left_out}), tuple(spaces.items()))
            if smaller.size <= limit:
                return smaller
        return smaller


class UnusableAssets(ValueError):
    """Packed spaces that no run stored."""


class AssetIndexBuilder:
    """Packs the tables of a run, space by space; only packed bytes stay in memory."""

    def __init__(self) -> None:
        self._packed_spaces: list[PackedSpace] = []
        self._earlier: tuple[PackedSpace, ...] = ()

    @property
    def packed_spaces(self) -> tuple[PackedSpace, ...]:
        """Return the spaces packed so far, without earlier ones."""
        return tuple(self._packed_spaces)

    def __call__(self, space: str, database: str, tables: Iterable[tuple[Table, Score]]) -> None:
        """Pack the desired tables of a space."""
        entries = sorted(tables, key=lambda pair: pair[1].name)
        if not entries:
            return
        packer = _Packer(space, database)
        for table, score in entries:
            asset = packed_asset(table, score)
            columns = (*table.columns, *table.partition_keys)
            packer.add(_row(asset, score, len(columns)), asset, map(packed_column, columns))
        self._packed_spaces.append(packer.packed_space())

    def prepend(self, earlier: Iterable[PackedSpace]) -> None:
        """Add spaces that were packed earlier; of one asset, the later one counts."""
        self._earlier = (*earlier, *self._earlier)

    def build(self) -> AssetIndex | None:
        """Return the index of all packed spaces, None without any.

        Raises:
            UnusableAssets: the earlier spaces are not what a run stored.

        """
        try:
            return _index_of((*self._earlier, *self._packed_spaces))
        except (OSError, EOFError, zlib.error, *UNUSABLE) as err:
            if not self._earlier:
                raise
            raise UnusableAssets(
                f"the stored assets of the workers are malformed ({type(err).__name__}); the page"
                " leaves them out"
            ) from err

    def build_own(self) -> AssetIndex | None:
        """Return the index of the spaces packed here, without earlier ones; None without any."""
        return _index_of(self.packed_spaces)


def _index_of(packed_spaces: tuple[PackedSpace, ...]) -> AssetIndex | None:
    return build_index(packed_spaces) if packed_spaces else None


def build_index(packed_spaces: Iterable[PackedSpace]) -> AssetIndex:
    """Return an asset index; of an asset that was packed several times, the last one counts."""
    by_space: dict[str, list[PackedSpace]] = {}
    for packed in packed_spaces:
        by_space.setdefault(packed.space, []).append(packed)
    merged = [_merge(by_space[space]) for space in sorted(by_space)]
    rows = [(place, row) for place, one in enumerate(merged) for row in _unpacked(one.rows)]
    positions = {
        f"{merged[place].space}.{row[0]}": position for position, (place, row) in enumerate(rows)
    }
    index = {
        "spaces": [packed.space for packed in merged],
        "assets": [
            [place, *row[:5], [positions[name] for name in row[5] if name in positions], row[6]]
            for place, row in rows
        ],
    }
    return AssetIndex(_packed(index), tuple((packed.space, packed.assets) for packed in merged))


def _packed_space_value(packed: PackedSpace) -> dict[str, str]:
    """Return a packed space as a JSON object."""
    return {
        "space": packed.space,
        "database": packed.database,
        "rows": b64encode(packed.rows).decode(),
        "assets": b64encode(packed.assets).decode(),
    }


def _packed_space_of(value: Mapping[str, str]) -> PackedSpace:
    """Return the packed space of a JSON object; raises KeyError or ValueError without one."""
    rows, assets = (b64decode(value[key], validate=True) for key in ("rows", "assets"))
    return PackedSpace(value["space"], value["database"], rows, assets)


def keep_packed_spaces(store: Store, key: str, packed_spaces: Iterable[PackedSpace]) -> None:
    """Store packed spaces, one a line, if there are any.

    Raises:
        ReportUnwritable: they cannot be stored.

    """
    lines = [_JSON.encode(_packed_space_value(one)).encode() + b"\n" for one in packed_spaces]
    if lines:
        store.put(key, iter(lines))


def packed_spaces_of(store: Store, key: str) -> Iterator[PackedSpace]:
    """Yield the packed spaces that are stored under a key, none if they cannot be read.

    Only the report page needs them.
    """
    with suppress(Unavailable, *UNUSABLE):
        if store.first(key):
            for line in store.lines(key):
                yield _packed_space_of(bounded_json(line, _LARGEST_LINE))


class _Packer:
    """Packs the assets of a space, one after the other, and each row of a column once."""

    def __init__(self, space: str, database: str) -> None:
        self._space = space
        self._database = database
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        head = _JSON.encode({"space": space, "database": database})
        self._pieces = [self._packer.compress(_bytes(f'{head[:-1]},"assets":['))]
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._rows: list[Row] = []

    def add(self, row: Row, asset: dict[str, Any], columns: Iterable[Row]) -> None:
        """Pack one asset, with its row of the index and its columns."""
        numbers = self._numbers
        asset["columns"] = entries = list[Row | int]()
        for column in columns:
            next_one = len(numbers)
            number = numbers.setdefault(tuple(column), next_one)
            entries.append(column if number == next_one else number)
        between = ",\n" if self._rows else "\n"
        self._pieces.append(self._packer.compress(_bytes(between + _JSON.encode(asset))))
        self._rows.append(row)

    def packed_space(self) -> PackedSpace:
        """Return the space with the assets packed so far."""
        pieces = (*self._pieces, self._packer.compress(b"\n]}\n"), self._packer.flush())
        return PackedSpace(self._space, self._database, _packed(self._rows), b"".join(pieces))


def _merge(slices: list[PackedSpace]) -> PackedSpace:
    """Return the slices of one space as one, without ever holding all its assets unpacked."""
    if len(slices) == 1:
        return slices[0]
    packer = _Packer(slices[-1].space, slices[-1].database)
    # Of an asset in several slices, the one of the last slice comes first.
    assets = (_assets(packed, -place) for place, packed in enumerate(slices))
    last = None
    for row, _, asset, columns in heapq.merge(*assets, key=lambda one: (one[0][0], one[1])):
        if row[0] != last:
            packer.add(row, asset, columns)
        last = row[0]
    return packer.packed_space()


def _assets(
    packed: PackedSpace, place: int
) -> Iterator[tuple[Row, int, dict[str, Any], list[Row]]]:
    """Yield the assets of a packed space by name, each with the rows of its columns."""
    seen: list[Row] = []
    with gzip.GzipFile(fileobj=BytesIO(packed.assets)) as file:
        next(file)
        for row, line in zip(_unpacked(packed.rows), file, strict=False):
            asset = json.loads(line.rstrip(b",\n"))
            columns = []
            for column in asset.pop("columns"):
                if not isinstance(column, int):
                    seen.append(column)
                columns.append(seen[column] if isinstance(column, int) else column)
            yield row, place, asset, columns


def _row(asset: Mapping[str, Any], score: Score, columns: int) -> Row:
    return [
        score.name,
        asset.get("table", ""),
        asset.get("label", ""),
        asset.get("kind", ""),
        score.score,
        asset.get("lineage", []),
        columns,
    ]


def _packed(value: Any) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(_bytes(_JSON.encode(value))) + packer.flush()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _unpacked(rows: bytes) -> list[Row]:
    unpacked: list[Row] = json.loads(gzip.decompress(rows))
    return unpacked


def _base64(body: bytes) -> int:
    return (len(body) + 2) // 3 * 4
