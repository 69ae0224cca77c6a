"""One module a subject; a claim is one decorated function in any of them."""

from __future__ import annotations

import importlib
import pkgutil

from transforms.signals.claim import REGISTRY, Claim

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

CLAIMS: tuple[Claim, ...] = tuple(sorted(REGISTRY, key=lambda one: (one.article_row, one.id)))
