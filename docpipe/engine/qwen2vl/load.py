"""A checkpoint by name or folder -> a model on its device. Safetensors only, no remote code, no surprise download."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from docpipe.engine.qwen2vl.attention import PAGES_ATTENTION, SLOTS_ATTENTION, has_varlen
from docpipe.engine.qwen2vl.chat import check_chat, read_system
from docpipe.engine.qwen2vl.families import FAMILIES, installed_families, transformers_version
from docpipe.engine.qwen2vl.folder import read_config, read_json
from docpipe.engine.qwen2vl.memory import check_weights_fit
from docpipe.engine.qwen2vl.patch_embedding import PatchEmbedding
from docpipe.engine.qwen2vl.pixels import PROCESSORS, PixelFormat, read_pixel_format
from docpipe.engine.qwen2vl.quantized import check_libraries, quantized_modules, with_plain_modules
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.engine.qwen2vl.tokens import PAGE_END, PAGE_PAD, PAGE_START, TURN_END, TURN_START
from docpipe.engine.qwen2vl.weights import BYTES, FLOATS, check_loaded, contents_mark, tensors
from docpipe.errors import EngineUnavailable

_WANTED_FILES = ["*.json", "*.safetensors", "*.jinja"]
_DTYPES = ("float64", "float32", "float16", "bfloat16")
_WHOLE = 0.9  # share of the model's values that its files hold at least: tied ones may be left out


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model ready to run: transformers' own, with our attention functions in place of its.

    `system`: what its chat puts into the system's turn by itself (see `read_system`).
    """

    model: Any
    tokenizer: Tokenizer
    form: PixelFormat
    system: str
    dtype: torch.dtype
    devices: set[torch.device]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint on this disk, before anything heavy is read. `name` is what the user called it."""

    name: str
    folder: Path
    config: dict[str, Any]

    @property
    def quantization(self) -> str:
        """ "awq", "gptq", ... or "" for plain weights."""
        return str((self.config.get("quantization_config") or {}).get("quant_method", ""))

    @property
    def fingerprint(self) -> str:
        """A hash of the configuration, how it sees and is spoken to, the tokenizer and a piece of each tensor."""
        seen_and_told = repr((read_pixel_format(self.folder), read_system(self.folder)))
        weights = [f"{path.name}:{contents_mark(path)}" for path in sorted(self.folder.glob("*.safetensors"))]
        with (self.folder / "tokenizer.json").open("rb") as file:
            words = hashlib.file_digest(file, "sha256").hexdigest()
        parts = [json.dumps(self.config, sort_keys=True), seen_and_told, words, *weights]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def find_checkpoint(name: str, options: Qwen2VL) -> Checkpoint:
    """The checkpoint in folder `name`, or of that name in the local cache (or the hub, with `options.download`).

    Raises EngineUnavailable if it is not there, not whole, or not of a kind that this engine runs.
    """
    if not name:
        raise EngineUnavailable("the qwen2-vl engine needs a model", remedy="Name one: --model NAME_OR_FOLDER.")
    folder = Path(name) if Path(name).is_dir() else _from_hub(name, options)
    config = read_config(folder, name)
    _check_family(name, str(config.get("model_type")))
    if (config.get("text_config") or config).get("use_sliding_window"):
        raise EngineUnavailable(f"{name} cannot run: its layers see a sliding window, slots hold whole prompts")
    _check_whole(name, folder)
    check_chat(folder, name)
    return Checkpoint(name, folder, config)


def _from_hub(name: str, options: Qwen2VL) -> Path:
    from huggingface_hub import snapshot_download

    revision, local = options.revision or None, not options.download
    try:
        found = snapshot_download(name, revision=revision, local_files_only=local, allow_patterns=_WANTED_FILES)
    except (OSError, ValueError) as error:  # the hub's own errors are among these
        raise EngineUnavailable(
            f"no checkpoint {name!r} (revision {revision or 'main'}) on this machine: {str(error).splitlines()[0]}",
            remedy="Give a folder that holds config.json and *.safetensors, or allow the download.",
        ) from error
    return Path(found)


def _check_family(name: str, kind: str) -> None:
    installed = installed_families()
    if kind in (family.kind for family in installed):
        return
    if kind in FAMILIES:
        raise EngineUnavailable(
            f"{name} is {FAMILIES[kind].name}, which transformers {transformers_version()} does not have",
            remedy="pip install --upgrade transformers",
        )
    names = ", ".join(family.name for family in installed)
    raise EngineUnavailable(f"{name} cannot run: it is of type {kind!r}", remedy=f"This engine runs {names}.")


def _check_whole(name: str, folder: Path) -> None:
    weights = {path.name for path in folder.glob("*.safetensors")}
    index = folder / "model.safetensors.index.json"
    told = read_json(index).get("weight_map") if index.exists() else {"": "model.safetensors"}
    if not isinstance(told, dict):
        raise EngineUnavailable(f"{index} has no weight_map", remedy="The checkpoint is not whole; fetch it again.")
    missing = sorted({str(file) for file in told.values()} - weights)
    missing += [] if (folder / "tokenizer.json").exists() else ["tokenizer.json"]
    missing += [] if any((folder / file).exists() for file in PROCESSORS) else [PROCESSORS[0]]
    if missing:
        raise EngineUnavailable(
            f"{name} lacks {', '.join(missing)}",
            remedy="Only safetensors are read (a .bin file can run code when it is opened); fetch the missing files.",
        )


def load(checkpoint: Checkpoint, options: Qwen2VL) -> Loaded:
    """The checkpoint's model on its device, in evaluation mode.

    Raises EngineUnavailable for a library that is missing, a device that is not there, too little memory, and for
    weights that are missing, of another shape, or of another model.
    """
    import transformers

    architecture = getattr(transformers, FAMILIES[checkpoint.config["model_type"]].architecture)
    check_libraries(checkpoint.name, checkpoint.quantization)
    names = [name for name, _ in tensors(checkpoint.folder)]
    devices, dtype = _devices(options.device), dtype_of(checkpoint, options)
    check_weights_fit(checkpoint.name, weight_bytes(checkpoint, dtype), devices)
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        config = architecture.config_class.from_dict(with_plain_modules(checkpoint.config, names))
        if not checkpoint.quantization:
            _check_sizes(checkpoint, architecture, config)
        model, told = architecture.from_pretrained(
            checkpoint.folder,
            config=config,
            dtype=dtype,
            device_map="auto" if options.device == "all" else str(next(iter(devices))),
            attn_implementation="sdpa",  # never the one that a checkpoint names; ours takes its place
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            ignore_mismatched_sizes=True,  # they are told, and refused below by their names
            output_loading_info=True,
        )
    except EngineUnavailable:
        raise
    except Exception as error:
        raise EngineUnavailable(
            f"{checkpoint.name} cannot be loaded: {type(error).__name__}: {error}"[:500],
            remedy="The checkpoint is damaged, or of a kind that this engine does not run; fetch it again.",
        ) from error
    tied = bool(checkpoint.config.get("tie_word_embeddings"))
    check_loaded(checkpoint.name, told, tied=tied, quantized=quantized_modules(names))
    _fit(model.eval(), dtype)
    tokenizer = _read_tokenizer(checkpoint.folder)
    folder = checkpoint.folder
    return Loaded(model, tokenizer, read_pixel_format(folder), read_system(folder), dtype, devices)


def _check_sizes(checkpoint: Checkpoint, architecture: Any, config: Any) -> None:
    """Before memory is taken: the files hold about as many values as the model of that configuration has."""
    with torch.device("meta"):
        wanted = sum(parameter.numel() for parameter in architecture(config).parameters())
    stored = sum(tensor.values for _, tensor in tensors(checkpoint.folder))
    if stored < _WHOLE * wanted:
        raise EngineUnavailable(
            f"{checkpoint.name} is not whole: config.json tells of {wanted:,} values, the files hold {stored:,}",
            remedy="Fetch the missing files, or the config.json that belongs to them.",
        )


def _read_tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        raise EngineUnavailable(
            f"{path} is no tokenizer: {error}"[:500], remedy="The checkpoint is not whole; fetch it again."
        ) from error
    unknown = [
        mark for mark in (TURN_START, TURN_END, PAGE_START, PAGE_PAD, PAGE_END) if tokenizer.token_to_id(mark) is None
    ]
    if unknown:
        raise EngineUnavailable(
            f"{path} has no {', '.join(unknown)}", remedy="It is not the tokenizer of such a model."
        )
    tokenizer.encode_special_tokens = True  # text is text: it cannot smuggle a special token in
    return tokenizer


def _fit(model: Any, dtype: torch.dtype) -> None:
    """Puts our attention in, and the patch embedding as the one matrix product that it is."""
    text, vision = model.model.language_model, model.model.visual
    text.config._attn_implementation = SLOTS_ATTENTION
    if has_varlen(text.embed_tokens.weight.device, dtype):
        vision.config._attn_implementation = PAGES_ATTENTION
    vision.patch_embed = PatchEmbedding(vision.patch_embed.proj)
    if dtype == torch.float64:
        text.config._experts_implementation = "eager"  # grouped products do not take doubles


def _gpus() -> int:
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _devices(wanted: str) -> set[torch.device]:
    gpus = _gpus()
    if wanted == "all" and gpus:
        return {torch.device("cuda", index) for index in range(gpus)}
    if wanted in ("auto", "all"):
        wanted = "cuda:0" if gpus else "cpu"
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise EngineUnavailable(f"no device is called {wanted!r}", remedy="Try auto, cpu, cuda:0 or all.") from error
    if device.type == "cuda" and (device.index or 0) >= gpus:
        raise EngineUnavailable(f"there is no {wanted} here: {gpus} GPUs", remedy="Try --device auto.")
    return {torch.device("cuda", device.index or 0) if device.type == "cuda" else device}


def dtype_of(checkpoint: Checkpoint, options: Qwen2VL) -> torch.dtype:
    """What is computed in: as the options say, for "auto" as stored, or float32 on a CPU. AWQ on a GPU takes float16.

    A GPU that is named is believed to be there: this may be asked where the engine will not live.
    Raises EngineUnavailable for a name that is no floating dtype.
    """
    name: str = options.dtype
    on_cpu = options.device == "cpu" or (options.device in ("auto", "all") and not _gpus())
    if name == "auto":
        name = "float32" if on_cpu else _stored_dtype(checkpoint.config)
    if name == "bfloat16" and checkpoint.quantization == "awq" and not on_cpu:
        name = "float16"  # its kernels take no other: transformers casts, and KV must follow
    if name not in _DTYPES:
        raise EngineUnavailable(f"{name[:40]!r} is not a dtype to compute in", remedy="Try auto, bfloat16 or float32.")
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def _stored_dtype(config: dict[str, Any]) -> str:
    places = (config, config.get("text_config") or {})
    return next(
        (
            str(place[key]).removeprefix("torch.")
            for place in places
            for key in ("dtype", "torch_dtype")
            if place.get(key)
        ),
        "bfloat16",
    )


def weight_bytes(checkpoint: Checkpoint, dtype: torch.dtype) -> int:
    """Bytes that the weights take once loaded: floats in `dtype`, quantized ones as stored (safetensors headers)."""
    return sum(
        tensor.values * (dtype.itemsize if tensor.dtype in FLOATS else BYTES.get(tensor.dtype, 1))
        for _, tensor in tensors(checkpoint.folder)
    )
