"""Reads ORD descriptors: who is responsible for a resource, its release, and its lineage.

Follows Open Resource Discovery 1.16. An API resource names the CSN Interop documents that describe
it. A data product offers API resources at its output ports, and reads those of its input ports
through integration dependencies. What a data product says holds for the objects behind its output
ports, unless the API resource says it itself. Resources that are not public are left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.values import objects_in, text_at

_CSN_INTEROP: Final = "sap-csn-interop-effective-v1"
_PUBLIC: Final = (None, "public")


@dataclass(frozen=True, slots=True)
class Facts:
    """What descriptors say of the objects of one API resource.

    `files`: paths or addresses of the documents that define its objects.
    `upstream`: ORD ids of the API resources that it is derived from.
    """

    files: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None
    responsible: str | None = None
    state: str | None = None
    successor: str | None = None
    decommissioning: str | None = None
    tags: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()

    @property
    def release(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of `datasphere.release`."""
        pairs = {
            "state": self.state,
            "successor": self.successor,
            "decommissioning": self.decommissioning,
        }
        return tuple((word, value) for word, value in pairs.items() if value)


def facts_of(descriptors: Iterable[Mapping[str, Any]]) -> dict[str, Facts]:
    """Return the facts of each API resource, by its ORD id."""
    roots = list(descriptors)
    apis = {
        ord_id: _of_api(value)
        for root in roots
        for ord_id, value in _resources(root, "apiResources")
    }
    aspects = {
        ord_id: tuple(_apis_of(value))
        for root in roots
        for ord_id, value in _resources(root, "integrationDependencies")
    }
    for root in roots:
        for _, product in _resources(root, "dataProducts"):
            stated = _facts(product)
            upstream = tuple(
                api for port in _ports(product, "inputPorts") for api in aspects.get(port, ())
            )
            for port in _ports(product, "outputPorts"):
                if port in apis:
                    apis[port] = _completed(apis[port], stated, upstream)
    return apis


def _of_api(resource: Mapping[str, Any]) -> Facts:
    files = tuple(
        url
        for one in objects_in(resource.get("resourceDefinitions"))
        if text_at(one, "type") == _CSN_INTEROP and (url := text_at(one, "url"))
    )
    return replace(_facts(resource), files=files)


def _facts(resource: Mapping[str, Any]) -> Facts:
    state = text_at(resource, "releaseStatus")
    return Facts(
        title=text_at(resource, "title"),
        description=text_at(resource, "description") or text_at(resource, "shortDescription"),
        responsible=text_at(resource, "responsible"),
        state=state.upper() if state else None,
        successor=", ".join(_texts(resource.get("successors"))) or None,
        decommissioning=text_at(resource, "sunsetDate") or text_at(resource, "deprecationDate"),
        tags=tuple(_texts(resource.get("tags"))),
    )


def _completed(api: Facts, product: Facts, upstream: tuple[str, ...]) -> Facts:
    return replace(
        api,
        description=api.description or product.description,
        responsible=api.responsible or product.responsible,
        state=api.state or product.state,
        successor=api.successor or product.successor,
        decommissioning=api.decommissioning or product.decommissioning,
        tags=tuple(dict.fromkeys((*api.tags, *product.tags))),
        upstream=tuple(dict.fromkeys((*api.upstream, *upstream))),
    )


def _resources(root: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for value in objects_in(root.get(kind)):
        ord_id = text_at(value, "ordId")
        if ord_id and text_at(value, "visibility") in _PUBLIC:
            yield ord_id, value


def _apis_of(dependency: Mapping[str, Any]) -> Iterator[str]:
    for aspect in objects_in(dependency.get("aspects")):
        yield from _ports(aspect, "apiResources")


def _ports(holder: Mapping[str, Any], kind: str) -> Iterator[str]:
    for one in objects_in(holder.get(kind)):
        if ord_id := text_at(one, "ordId"):
            yield ord_id


def _texts(value: Any) -> Iterator[str]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, str))
