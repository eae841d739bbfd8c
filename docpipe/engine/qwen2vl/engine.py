"""The Qwen2-VL engine: `answer` from any number of tasks, one thread that keeps the device at work."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from docpipe.engine.base import Engine, EngineInfo, Need
from docpipe.engine.prompt import PROMPT_VERSION
from docpipe.engine.qwen2vl.cache import KvPool, Prefixes
from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.engine.qwen2vl.load import Checkpoint, Loaded, dtype_of, find_checkpoint, load
from docpipe.engine.qwen2vl.memory import Room, plan_room
from docpipe.engine.qwen2vl.prompt import LAYOUT_VERSION, PromptWriter
from docpipe.engine.qwen2vl.runner import Runner
from docpipe.engine.qwen2vl.scheduler import Load, Scheduler, Step
from docpipe.engine.qwen2vl.sequence import Sequence
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.engine.qwen2vl.stats import Stats
from docpipe.errors import ContextOverflow, DocpipeError, EngineError
from docpipe.records import Reply, Request

_PREPARERS = 2  # threads that write prompts and compile grammars beside the loop
_TEXT_TOKENS = 6_144  # of a slot that pages must leave: an instruction and a long answer
_DECODING_VERSION = "greedy-3"


def fingerprint(checkpoint: Checkpoint, options: Qwen2VL) -> str:
    """All that changes an answer: weights, dtype, quantization, decoding and prompt. Reads no weights.

    Raises EngineUnavailable for a dtype that nothing can be computed in.
    """
    dtype = str(dtype_of(checkpoint, options)).removeprefix("torch.")
    weights = (checkpoint.fingerprint, options.revision, dtype, checkpoint.quantization)
    decoding = (_DECODING_VERSION, "forced" if options.force_tokens else "", f"circle-{options.repetition_tokens}")
    prompt = (f"prompt-{PROMPT_VERSION}.{LAYOUT_VERSION}", "page-text" if options.page_text else "")
    return ":".join(mark for mark in ("qwen2-vl", *weights, *decoding, *prompt) if mark)


class Qwen2VLEngine(Engine):
    """Reads pages with a model of the Qwen2-VL family. Any number of requests may be in flight.

    Replies are JSON under the request's schema; one that was cut (finish "length" or "repetition") ends where
    the model stopped. `dead` says why the device is lost, if it is: the engine then answers nothing more.
    Raises EngineUnavailable where the model cannot run (see `load`).
    """

    def __init__(self, model: str, options: Qwen2VL | None = None) -> None:
        self.options = options or Qwen2VL()
        checkpoint = find_checkpoint(model, self.options)
        self.stats = Stats()
        self.info = self._build(load(checkpoint, self.options), fingerprint(checkpoint, self.options))
        self._inbox: queue.SimpleQueue[Sequence | None] = queue.SimpleQueue()
        self._preparers = ThreadPoolExecutor(_PREPARERS, "docpipe-prepare")
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="docpipe-qwen2vl", daemon=True)
        self._thread.start()

    def _build(self, loaded: Loaded, mark: str) -> EngineInfo:
        text = loaded.model.model.language_model
        self.room: Room = plan_room(self.options, text.config, loaded.dtype, loaded.devices)
        pool = KvPool(text, self.room, loaded.dtype)
        self._tokenizer = loaded.tokenizer
        self._vocabulary = Vocabulary(loaded.tokenizer, text.config.vocab_size, min(16, os.cpu_count() or 1))
        page_text = self.options.page_text
        self._writer = PromptWriter(
            loaded.tokenizer, loaded.form, loaded.model, system=loaded.system, page_text=page_text
        )
        self._load = Load(self.options.step_tokens, self.options.vision_tokens)
        self._runner = Runner(loaded, pool, self._vocabulary, self._load, self.stats)
        self._scheduler = Scheduler(self.room.slots, self._load, Prefixes(pool, on=self.options.share_prefix))
        self.stats.slots = self.room.slots
        words: tuple[Need, ...] = ("words",) if page_text else ()
        return EngineInfo(
            "qwen2-vl",
            mark,
            frozenset(("pixels", *words)),
            grid_px=loaded.form.grid,
            max_visual_tokens=max(self.room.slot_tokens // 2, self.room.slot_tokens - _TEXT_TOKENS),
            slots=self.room.slots,
            slot_tokens=self.room.slot_tokens,
            writes_tokens=True,
            looks_again=True,  # about less, or from closer, it may answer otherwise
            is_model=True,
        )

    async def answer(self, request: Request) -> Reply:
        """The Reply to `request`; finish "error" says in `error` what went wrong. Cancelling frees the slot."""
        started = time.perf_counter()
        try:
            self._check_open()
            sequence = await asyncio.get_running_loop().run_in_executor(self._preparers, self._prepare, request)
            self._inbox.put(sequence)
            self._check_open()  # closed in between: nobody would read the inbox again
            await asyncio.wrap_future(sequence.reply)
            return self._reply(sequence, time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001  one request's failure is one reply
            what = error.message if isinstance(error, DocpipeError) else f"{type(error).__name__}: {error}"
            return Reply("", "error", self.info.name, seconds=time.perf_counter() - started, error=what[:500])

    def close(self) -> None:
        """Ends the thread; requests still in flight get error replies. May be called again."""
        if not self._closed:
            self._closed = True
            self._inbox.put(None)
            self._thread.join()
            self._preparers.shutdown()
            self._runner.close()

    def _check_open(self) -> None:
        if self._closed or self.dead:
            raise EngineError(f"the engine has ended: {self.dead or 'it was closed'}")

    def _prepare(self, request: Request) -> Sequence:
        prompt = self._writer.write(request)
        room = self.room.slot_tokens - len(prompt)
        if room < 1:
            raise ContextOverflow(
                f"the prompt has {len(prompt)} tokens ({len(prompt.pages)} pages); a slot holds {self.room.slot_tokens}"
            )
        guide = self._vocabulary.guide(request.schema, request.schema_fingerprint, force=self.options.force_tokens)
        return Sequence(prompt, guide, min(request.max_tokens, room), self.options.repetition_tokens, Future())

    def _reply(self, sequence: Sequence, seconds: float) -> Reply:
        finish = sequence.finish
        assert finish is not None
        tokens = sequence.tokens[: sequence.limit]
        return Reply(
            text=self._tokenizer.decode(tokens),
            finish=finish,
            engine=self.info.name,
            logprobs=tuple(sequence.logprobs[: sequence.limit]),
            prompt_tokens=len(sequence.prompt),
            output_tokens=len(tokens),
            seconds=seconds,
            error=sequence.fault,
        )

    def _work(self) -> None:
        """The engine's thread: take in, schedule, run, hand out, until closed or the device is lost."""
        with torch.inference_mode():
            while not self.dead and self._receive(wait=self._scheduler.idle):
                try:
                    self._turn()
                except Exception as error:  # noqa: BLE001  a defect here must not leave anybody waiting
                    self._fail_all(error)
        self._receive(wait=False)
        self._fail_all(EngineError(self.dead or "the engine was closed"))

    def _turn(self) -> None:
        with self.stats.timing("host"):
            step = self._scheduler.schedule()
        if step is None:
            return
        try:
            tokens, logprobs = self._runner.run(step)
        except torch.OutOfMemoryError as error:
            self._lighten(step, error)
            return
        with self.stats.timing("host"):
            fed = sum(piece.count for piece in step.pieces)
            self._load.ran(fed)
            self.stats.count_step(len(self._scheduler.busy), step.waiting, fed)
            self._hand_out(self._scheduler.advance(step, tokens, logprobs))

    def _receive(self, *, wait: bool) -> bool:
        """Moves what has arrived to the scheduler, waiting for the first if so told. False once closed."""
        while True:
            try:
                sequence = self._inbox.get(block=wait)
            except queue.Empty:
                return True
            if sequence is None:
                return False
            if sequence.finish is None:
                self._scheduler.add(sequence)
                wait = False
            else:  # the grammar left no choice at all
                self._hand_out([sequence])

    def _hand_out(self, finished: list[Sequence]) -> None:
        for sequence in finished:
            self.stats.count_answer(sequence.logprobs)
            if sequence.reply.set_running_or_notify_cancel():
                sequence.reply.set_result(None)

    def _lighten(self, step: Step, error: Exception) -> None:
        """Out of memory: half the load, the same requests. Below the floor, the longest of them is given up.

        The load grows again by itself where steps are full and fit (see Load).
        """
        self.stats.halved += 1
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if not self._load.halve():
            self._fail(max(step.sequences, key=len), error)

    def _fail_all(self, error: Exception) -> None:
        if isinstance(error, getattr(torch, "AcceleratorError", ())):
            self.dead = f"the device is lost: {error}"[:500]
        for sequence in [*self._scheduler.busy, *self._scheduler.waiting]:
            self._fail(sequence, error)

    def _fail(self, sequence: Sequence, error: Exception) -> None:
        self._scheduler.release(sequence)
        if sequence.reply.set_running_or_notify_cancel():
            sequence.reply.set_exception(error)
