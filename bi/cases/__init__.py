"""Cases: one module is one article or report, with its `CASE`."""

from __future__ import annotations

import importlib
import pkgutil

from transforms.signals.case import Case


def cases() -> dict[str, Case]:
    """Every case by its id.

    Raises:
        TypeError: a module here holds no Case named CASE.
        ValueError: two modules hold one id.
    """
    found: dict[str, Case] = {}
    for module in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        case = getattr(importlib.import_module(name), "CASE", None)
        if not isinstance(case, Case):
            message = f"{name}: expected CASE = Case(...), got {case!r}"
            raise TypeError(message)
        if case.id in found:
            message = f"{name}: another module has the case {case.id}"
            raise ValueError(message)
        found[case.id] = case
    return found
