"""A pydantic class that the user brings: found by module or by file, from wherever a process works.

`package.module:Class` is looked for where Python looks, then in the current folder; `path/to/file.py:Class` is
the file itself. The folder is on Python's path during that import only, and last, so that nothing in it takes the
place of a library. `absolute` turns either into a reference that another process, in another folder, can follow.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from docpipe.errors import InvalidSchema, UnknownSchema

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_TRACEBACK_LINES = 20  # of the user's own code, the last ones

_PACKAGE = str(Path(__file__).parents[1])
_STANDARD = sysconfig.get_path("stdlib")
_INSTALLED = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))  # may lie within the standard library's


def absolute(reference: str) -> str:
    """`reference` as any process can follow it: "/path/file.py:Class", "module:Class" of an installed module,
    or "/folder:module:Class" of one that was found in the current folder.

    Imports the module. Raises UnknownSchema if there is no such class, InvalidSchema if the module fails.
    """
    place, _, name = reference.rpartition(":")
    if place.endswith(".py"):
        reference = f"{Path(place).resolve()}:{name}"
    if place.endswith(".py") or place.startswith("/"):
        python_model(reference)
        return reference
    here = Path.cwd()
    python_model(f"{here}:{reference}")
    found = getattr(sys.modules[place], "__file__", None)
    inside = found is not None and Path(found).resolve().is_relative_to(here)
    return f"{here}:{reference}" if inside else reference


def python_model(reference: str) -> type[BaseModel]:
    """The pydantic class at a reference that `absolute` gave. Raises as it does."""
    from pydantic import BaseModel

    place, _, name = reference.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else _by_name(place, reference)
    model = getattr(module, name, None)
    if model is None:
        where = getattr(module, "__file__", None) or "a module without a file"
        raise UnknownSchema(f"{place.rpartition(':')[2]} ({where}) has no class {name!r}")
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise UnknownSchema(f"{place.rpartition(':')[2]}:{name} is not a pydantic model")
    return model


def user_traceback(error: BaseException) -> str:
    """What `error` says, and where in the user's own code it came up: no frames of docpipe and of libraries."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_foreign(frame.filename)]
    lines = [line for frame in frames for line in traceback.format_list([frame])]
    shown = "".join(lines).splitlines()[-MAX_TRACEBACK_LINES:]
    said = "".join(traceback.format_exception_only(error)).strip()[:1_000]
    return "\n".join([*shown, said])


def _is_foreign(filename: str) -> bool:
    """Of Python, docpipe or pydantic; another library's frames say what the user's code asked of it."""
    if filename.startswith(_INSTALLED):
        return filename.startswith((_PACKAGE, *(f"{folder}/pydantic" for folder in _INSTALLED)))
    return filename.startswith(("<frozen", _PACKAGE, _STANDARD))


def _by_name(place: str, reference: str) -> ModuleType:
    """`place` is "module", or "/folder:module"."""
    folder, _, name = place.rpartition(":")
    with _last_on_path(folder):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and (name == error.name or name.startswith(f"{error.name}.")):
                where = f" in {folder} or among what is installed" if folder else ""
                raise UnknownSchema(
                    f"cannot import {reference.removeprefix(f'{folder}:')}: no module {error.name!r}{where}",
                    remedy="Name the file itself: path/to/file.py:Class.",
                ) from error
            raise _failing(name, error) from error
        except (ValueError, TypeError) as error:
            if not name or name.startswith("."):
                raise UnknownSchema(f"cannot import {reference!r}: {error}") from error
            raise _failing(name, error) from error
        except (Exception, SystemExit) as error:
            raise _failing(name, error) from error


def _from_file(file: Path) -> ModuleType:
    name = f"_docpipe_schema_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise UnknownSchema(f"there is no file {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic looks there for the names in annotations
    with _last_on_path(str(file.parent)):
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise _failing(str(file), error) from error
    return module


def _failing(name: str, error: BaseException) -> InvalidSchema:
    return InvalidSchema(
        f"{name} cannot be imported:\n{user_traceback(error)}",
        remedy="The module is the user's own code: mend it, so that `python -c 'import ...'` of it succeeds.",
    )


@contextmanager
def _last_on_path(folder: str) -> Iterator[None]:
    if not folder or folder in sys.path:
        yield
        return
    sys.path.append(folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
