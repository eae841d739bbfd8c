"""Libraries that only the evaluation needs, imported when a metric asks for one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from docpipe.errors import MissingLibrary, install_extra


def library(name: str) -> Any:
    """The module `name`; raises MissingLibrary naming the extra that installs it."""
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise MissingLibrary(f"{package} is not installed", remedy=install_extra("eval")) from None
