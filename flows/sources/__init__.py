"""One publisher product is one module is one SOURCE; every module here is discovered."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from flows.sources.source import Source


def _discover() -> dict[str, Source]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    sources = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.id: source for source in sorted(sources, key=lambda source: source.id)}


SOURCES: dict[str, Source] = _discover()
