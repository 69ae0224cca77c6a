"""How a command ends: its exit code, and what is told on stderr where it did not do its work."""

from __future__ import annotations

from collections.abc import Callable

import cyclopts
from rich.console import Console

from bi.brief.facts import NothingToTell
from flows.errors import RiskonError
from flows.settings import Settings, WrongSetting
from warehouse.store import QueryRefused, SchemaChanged

DONE, FAILED, WRONG_USE, INCOMPLETE, STOPPED = 0, 1, 2, 3, 130


class NothingPublished(Exception):  # noqa: N818  named after what the reader is told
    """There is no published warehouse in this home yet."""


class WrongUse(Exception):  # noqa: N818
    """What was asked for cannot be: says what can."""


def exit_code(command: Callable[[], object], complaints: Console) -> int:
    """Run a command; errors are told with what to do next, and become exit codes.

    Raises:
        RuntimeError: an error of the program's own, and nothing that a user can mend.
    """
    try:
        code = command()
    except cyclopts.CycloptsError:  # told already
        return WRONG_USE
    except KeyboardInterrupt:
        code, what = STOPPED, _STOPPED
    except RuntimeError as error:
        # DuckDB raises this from a Ctrl-C that comes while a statement runs.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        code, what = STOPPED, _STOPPED
    except (WrongUse, WrongSetting, QueryRefused) as error:
        code, what = WRONG_USE, str(error)
    except (RiskonError, SchemaChanged, NothingPublished, NothingToTell) as error:
        code, what = FAILED, str(error)
    except OSError as error:
        code, what = FAILED, _files(error)
    else:
        return code if isinstance(code, int) else DONE
    complaints.print(what, markup=False, highlight=False)
    return code


_STOPPED = "stopped; what was fetched is kept, run it again"


def _files(error: OSError) -> str:
    return (
        f"expected to read and write files; got {error}\n"
        f"  where: {error.filename or Settings().home}\n"
        "  next:  Free space or correct the permissions, and run again: what was landed is "
        "kept, and the next run goes on from it."
    )
