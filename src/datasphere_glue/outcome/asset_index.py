"""Every asset that a run evaluated, packed so tightly that a page of one run can hold them all.

    a space  {"space", "database", "assets": [asset, ...]}, one asset a line, sorted by name
    index    {"spaces": [...], "assets": [[space, name, table, label, kind, score, upstream,
              columns], ...], "left_out": [...]}, sorted by space and name

Both are gzip of UTF-8 JSON without a time stamp. `space` and `upstream` of the index are positions
in its lists; `left_out` names the spaces of which the index alone was kept. A Glue name is empty
where it is the SAP name in lower case.

`columns` of an asset lists its columns in their order. One that no asset of the space had before is
a row: Glue name, SAP name, label, role, Glue type, SAP type, 1 for a key, aggregation, unit or
currency, description; empty ends are cut off. One that was there before is its number, counting
the rows of the space from 0: the same columns are in many assets, and gzip forgets after 32 KB.
"""

import gzip
import heapq
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Generic, TypeVar

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.glue_keys import TABLE_KEYS, column_key
from datasphere_glue.model.key import JSON
from datasphere_glue.model.table import Column, Table
from datasphere_glue.storage.store import Store

_LEVEL: Final = 6
_GZIP: Final = 31
"""Window bits that make zlib write the head of a gzip file, with no time in it."""

_ON_PAGE: Final = tuple(key for key in TABLE_KEYS if key.page)
_TEXTS: Final = tuple((key.name, key.full) for key in _ON_PAGE if key.codec not in JSON)
_LISTS: Final = tuple((key.name, key.full) for key in _ON_PAGE if key.codec in JSON)
_OF_COLUMN: Final = tuple(
    column_key(key)
    for key in ("name", "label", "role", "type", "key", "aggregation", "unit", "description")
)
_CURRENCY: Final = column_key("currency")

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_Key = TypeVar("_Key", bound=Hashable)

Row = list[Any]
"""A column, or an asset in an index, whose upstream is told by `SPACE.OBJECT` until it is bound."""


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
        """Return the bytes that the atlas takes in a page, as base64."""
        return _base64(self.index) + sum(_base64(body) for _, body in self.spaces)

    def within(self, limit: int) -> "AssetIndex":
        """Return the atlas with at most that many bytes of base64, if its index is no larger.

        The largest spaces are left out first; the index stays and names them.
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


class AssetIndexBuilder:
    """Packs the tables of a run, space by space; nothing but packed bytes is kept."""

    def __init__(self) -> None:
        self._folios: list[PackedSpace] = []

    @property
    def folios(self) -> tuple[PackedSpace, ...]:
        """Return what was packed so far."""
        return tuple(self._folios)

    def __call__(self, space: str, database: str, found: Iterable[tuple[Table, Score]]) -> None:
        """Pack what Glue shall hold of a space."""
        entries = sorted(found, key=lambda pair: pair[1].name)
        if not entries:
            return
        packer: _Packer[Column] = _Packer(space, database)
        for table, score in entries:
            asset = _asset(table, score)
            columns = (*table.columns, *table.partition_keys)
            packer.add(_row(asset, score, len(columns)), asset, columns, _column)
        self._folios.append(packer.folio())

    def begin_with(self, folios: Iterable[PackedSpace]) -> None:
        """Take what others have packed before; what is here of the same asset counts more."""
        self._folios[:0] = folios

    def atlas(self) -> AssetIndex | None:
        """Return everything together, None when there is nothing."""
        return bound_together(self._folios) if self._folios else None


def bound_together(folios: Iterable[PackedSpace]) -> AssetIndex:
    """Return an atlas; of an asset that is in several folios, the last one counts."""
    by_space: dict[str, list[PackedSpace]] = {}
    for folio in folios:
        by_space.setdefault(folio.space, []).append(folio)
    whole = [_whole(by_space[space]) for space in sorted(by_space)]
    rows = [(place, row) for place, one in enumerate(whole) for row in _unpacked(one.rows)]
    positions = {
        f"{whole[place].space}.{row[0]}": position for position, (place, row) in enumerate(rows)
    }
    index = {
        "spaces": [folio.space for folio in whole],
        "assets": [
            [place, *row[:5], [positions[name] for name in row[5] if name in positions], row[6]]
            for place, row in rows
        ],
    }
    return AssetIndex(_packed(index), tuple((folio.space, folio.assets) for folio in whole))


def folio_value(folio: PackedSpace) -> dict[str, str]:
    """Return a folio as a JSON object."""
    return {
        "space": folio.space,
        "database": folio.database,
        "rows": b64encode(folio.rows).decode(),
        "assets": b64encode(folio.assets).decode(),
    }


def folio_of(value: Mapping[str, str]) -> PackedSpace:
    """Return the folio that such an object holds; KeyError and ValueError say that it does not."""
    rows, assets = (b64decode(value[key], validate=True) for key in ("rows", "assets"))
    return PackedSpace(value["space"], value["database"], rows, assets)


def keep_packed_spaces(store: Store, key: str, folios: Iterable[PackedSpace]) -> None:
    """Keep folios, one a line, if there are any.

    Raises:
        ReportUnwritable: they cannot be kept.

    """
    lines = [_JSON.encode(folio_value(folio)).encode() + b"\n" for folio in folios]
    if lines:
        store.put(key, iter(lines))


def packed_spaces_of(store: Store, key: str) -> Iterator[PackedSpace]:
    """Yield the folios that are kept under a key, none where they cannot be read.

    What a run did is known without them.
    """
    with suppress(Unavailable, ValueError, KeyError, TypeError):
        if store.first(key):
            for line in store.lines(key):
                yield folio_of(json.loads(line))


class _Packer(Generic[_Key]):
    """Packs the assets of a space, one after the other; columns are told apart by a key."""

    def __init__(self, space: str, database: str) -> None:
        self._space = space
        self._database = database
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        head = _JSON.encode({"space": space, "database": database})
        self._pieces = [self._packer.compress(_bytes(f'{head[:-1]},"assets":['))]
        self._numbers: dict[_Key, int] = {}
        self._rows: list[Row] = []

    def add(
        self,
        row: Row,
        asset: dict[str, Any],
        columns: Iterable[_Key],
        row_of: Callable[[_Key], Row],
    ) -> None:
        """Pack one asset, with its row of the index and its columns."""
        numbers = self._numbers
        asset["columns"] = told = []
        for column in columns:
            next_one = len(numbers)
            number = numbers.setdefault(column, next_one)
            told.append(row_of(column) if number == next_one else number)
        between = ",\n" if self._rows else "\n"
        self._pieces.append(self._packer.compress(_bytes(between + _JSON.encode(asset))))
        self._rows.append(row)

    def folio(self) -> PackedSpace:
        """Return what was packed."""
        pieces = (*self._pieces, self._packer.compress(b"\n]}\n"), self._packer.flush())
        return PackedSpace(self._space, self._database, _packed(self._rows), b"".join(pieces))


def _whole(folios: list[PackedSpace]) -> PackedSpace:
    """Return the folios of one space as one, without ever holding its assets unpacked."""
    if len(folios) == 1:
        return folios[0]
    packer: _Packer[str] = _Packer(folios[-1].space, folios[-1].database)
    # An asset that several hold comes from the last of them first.
    named = (_assets(folio, -place) for place, folio in enumerate(folios))
    last = None
    for row, _, asset, columns in heapq.merge(*named, key=lambda one: (one[0][0], one[1])):
        if row[0] != last:
            packer.add(row, asset, columns, json.loads)
        last = row[0]
    return packer.folio()


def _assets(folio: PackedSpace, place: int) -> Iterator[tuple[Row, int, dict[str, Any], list[str]]]:
    """Yield the assets of a folio by name, the columns of each as JSON of their rows."""
    seen: list[str] = []
    with gzip.GzipFile(fileobj=BytesIO(folio.assets)) as file:
        next(file)
        for row, line in zip(_unpacked(folio.rows), file, strict=False):
            asset = json.loads(line.rstrip(b",\n"))
            columns = []
            for column in asset.pop("columns"):
                if not isinstance(column, int):
                    seen.append(_JSON.encode(column))
                columns.append(seen[column] if isinstance(column, int) else seen[-1])
            yield row, place, asset, columns


def _asset(table: Table, score: Score) -> dict[str, Any]:
    said = dict(table.parameters)
    asset: dict[str, Any] = {"name": score.name}
    if shortened := _unless_lower(table.name, score.name):
        asset["table"] = shortened
    asset |= {name: said[key] for name, key in _TEXTS if key in said}
    for name, key in _LISTS:
        if told := _listed(said.get(key)):
            asset[name] = told
    return asset


def _column(column: Column) -> Row:
    said = dict(column.parameters)
    name, label, role, sap, key, aggregation, unit, description = map(said.get, _OF_COLUMN)
    row = [
        _unless_lower(column.name, name or ""),
        name or "",
        label or "",
        role or "",
        column.type,
        sap or "",
        1 if key == "true" else 0,
        aggregation or "",
        unit or said.get(_CURRENCY, ""),
        description or "",
    ]
    while not row[-1]:
        row.pop()
    return row


def _unless_lower(glue: str, sap: str) -> str:
    """Return a Glue name, empty where it is the SAP name in lower case, as any language has it."""
    return "" if sap.isascii() and glue == sap.lower() else glue


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


def _listed(text: str | None) -> list[Any]:
    """Return the list that a parameter holds, none where it holds no list."""
    try:
        told = json.loads(text) if text else []
    except ValueError:
        return []
    return told if isinstance(told, list) else []


def _packed(value: Any) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(_bytes(_JSON.encode(value))) + packer.flush()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _unpacked(rows: bytes) -> list[Row]:
    found: list[Row] = json.loads(gzip.decompress(rows))
    return found


def _base64(body: bytes) -> int:
    return (len(body) + 2) // 3 * 4
