"""Safetensors as their headers tell: what is in them, how large, and whether it is what it was."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docpipe.engine.qwen2vl.quantized import module_of
from docpipe.errors import EngineUnavailable

MAX_HEADER_BYTES = 100_000_000  # as safetensors itself has it
MAX_TOLD = 3  # names of weights in a message
SAMPLE_BYTES = 4_096  # of each tensor: training changes nearly all values of those that it changes

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
FLOATS = ("F64", "F32", "F16", "BF16")


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor in a file: its dtype as safetensors calls it, how many values it has, where its bytes stand."""

    dtype: str
    values: int
    start: int
    end: int


def read_header(path: Path) -> Mapping[str, Stored]:
    """Name -> tensor of a safetensors file. Raises EngineUnavailable where header and file do not fit each other."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(size - 8, MAX_HEADER_BYTES):
                raise ValueError(f"a header of {length} bytes in a file of {size}")
            header = json.loads(file.read(length))
        data = 8 + length
        found = {name: _stored(entry, data, size) for name, entry in header.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EngineUnavailable(
            f"{path} is no safetensors file: {type(error).__name__}: {error}"[:500],
            remedy="It is cut off or damaged; fetch it again.",
        ) from error
    return found


def _stored(entry: Mapping[str, object], data: int, size: int) -> Stored:
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or not _are_counts(shape) or not _are_counts(offsets):
        raise ValueError(f"a tensor is {str(entry)[:100]}")
    values = math.prod(shape)  # type: ignore[call-overload]
    start, end = (data + at for at in offsets)  # type: ignore[attr-defined]
    if not start <= end <= size or (dtype in BYTES and values * BYTES[dtype] != end - start):
        raise ValueError(f"a tensor of shape {str(shape)[:60]} at {start} to {end} of {size} bytes")
    return Stored(dtype, values, start, end)


def _are_counts(numbers: object) -> bool:
    return isinstance(numbers, list) and all(type(number) is int and number >= 0 for number in numbers)


def tensors(folder: Path) -> Iterator[tuple[str, Stored]]:
    """Name and tensor of every safetensors file in `folder`."""
    for path in sorted(folder.glob("*.safetensors")):
        yield from read_header(path).items()


def contents_mark(path: Path) -> str:
    """A hash of a safetensors file's header and of a piece of each of its tensors: other weights have another."""
    header = read_header(path)
    mark = hashlib.sha256(repr([(name, header[name]) for name in sorted(header)]).encode())
    with path.open("rb") as file:
        for tensor in (header[name] for name in sorted(header)):
            file.seek(max(tensor.start, (tensor.start + tensor.end - SAMPLE_BYTES) // 2))
            mark.update(file.read(min(SAMPLE_BYTES, tensor.end - tensor.start)))
    return mark.hexdigest()


def check_loaded(checkpoint: str, told: Mapping[str, Any], *, tied: bool, quantized: frozenset[str]) -> None:
    """Raises EngineUnavailable for what transformers tells of weights that it loaded otherwise than they are stored.

    Missing ones, or those of another shape, would be random numbers; more of them are another model's. `tied`: the
    head is the embedding, stored or not. Quantizers store more than a module takes, such as an empty bias: what
    belongs to one of the `quantized` modules is let be.
    """
    head = {"lm_head.weight"} if tied else set()
    missing, other = _names(told, "missing_keys") - head, _names(told, "mismatched_keys")
    more = {name for name in _names(told, "unexpected_keys") - head if module_of(name) not in quantized}
    if missing or other:
        raise EngineUnavailable(
            f"{checkpoint} lacks weights of its model, or has them in another shape: {_some(missing | other)}",
            remedy="Fetch the checkpoint again; without these weights it would answer at random.",
        )
    if more:
        raise EngineUnavailable(
            f"{checkpoint} has weights that its model does not take: {_some(more)}",
            remedy="The config.json is not the one of these weights, or they are of a model that this engine lacks.",
        )


def _names(told: Mapping[str, Any], kind: str) -> set[str]:
    return {str(key[0] if isinstance(key, tuple) else key) for key in told.get(kind) or ()}


def _some(names: set[str]) -> str:
    more = f" and {len(names) - MAX_TOLD} more" if len(names) > MAX_TOLD else ""
    return ", ".join(sorted(names)[:MAX_TOLD]) + more
