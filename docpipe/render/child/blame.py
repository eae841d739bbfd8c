"""Whose fault an exception is. In the children only."""

import os
from pathlib import Path

import docpipe

_OURS = f"{Path(docpipe.__file__).parent}{os.sep}"


def is_the_documents(error: Exception) -> bool:
    """Whether a library raised it: what a decoder's own code stumbles over is the file it was given.

    What is raised in docpipe's code is a defect of docpipe.
    """
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and not last.tb_frame.f_code.co_filename.startswith(_OURS)
