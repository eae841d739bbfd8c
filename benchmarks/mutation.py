"""Do the unit tests of a package notice when its code is wrong?

    python benchmarks/mutation.py [--package resolve|layout] [--module NAME ...] [--sample 300 --seed 1] [--jobs 1]
        [--json]

The faults are those of mutants.py. Works on a copy of the tree. One process has imported pytest and every library; each
mutant is a fork of it, in which the mutated module is imported from memory and those tests run that came by its lines
in a first run without a fault: the module's own first, each time up to the first failure. Tests of other modules that
take long are left out. Examples of hypothesis are few and always the same.

mutants, killed, score    how many; of how many a test failed or took far more CPU than without the fault; their share
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import hypothesis
import pytest
from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("docpipe", "tests", "schemas", "pipelines", "pyproject.toml")
EXAMPLES = 25
SLOW_S = 1.0  # of CPU, traced: a test of another module that takes longer is left out
GRACE_S = 10.0  # of CPU, beside three times what the tests took without a fault
WAIT_S = 60.0  # of time that passes, beside ten times what the tests took: for a fault that waits and computes nothing
CONTROLS = 4  # modules whose tests have to pass without a fault when they are run as for a mutant
WARNINGS = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # the libraries are there already
MEMORY_BYTES = 6 * 1024**3


@dataclass(frozen=True)
class Package:
    """What is mutated, and the tests that should notice. `folder` is the package's, with a / at its end."""

    name: str
    tests: tuple[str, ...]

    @property
    def folder(self) -> str:
        return self.name.replace(".", "/") + "/"

    def module(self, file: str) -> str:
        """The module's name within the package, from its file's within the folder: "b.c" for "b/c.py"."""
        return file.removesuffix(".py").replace("/", ".")

    def path(self, module: str) -> str:
        return f"{self.folder}{module.replace('.', '/')}.py"


PACKAGES = {
    "resolve": Package(
        "docpipe.resolve", ("tests/unit/resolve", "tests/unit/extract", "tests/unit/cli/test_resolve.py")
    ),
    "layout": Package("docpipe.engine.layout", ("tests/unit/engine/layout",)),
}


class _FromMemory(importlib.abc.MetaPathFinder):
    """Imports one module from code that is already compiled."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        loader = importlib.machinery.SourceFileLoader(name, str(self.path))
        loader.get_code = lambda fullname: self.code  # type: ignore[method-assign]
        return importlib.util.spec_from_loader(name, loader)


class _Chosen:
    """A pytest plugin: of what was collected, the tests of `order` in that order."""

    def __init__(self, order: Sequence[str]) -> None:
        self.rank = {name: at for at, name in enumerate(order)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = sorted((item for item in items if item.nodeid in self.rank), key=lambda item: self.rank[item.nodeid])
        items[:] = chosen


@dataclass
class Survey:
    """A pytest plugin, and what it saw in a run without a fault: of each test its seconds, of CPU too, and lines."""

    package: Package
    folder: str
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu_s: dict[str, float] = field(default_factory=dict)  # which a busy machine does not change
    lines: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        seen = self.lines.setdefault(item.nodeid, set())

        def local(frame: FrameType, event: str, argument: Any) -> Any:
            seen.add((self.package.module(frame.f_code.co_filename.removeprefix(self.folder)), frame.f_lineno))
            return local

        def everywhere(frame: FrameType, event: str, argument: Any) -> Any:
            return local(frame, event, argument) if frame.f_code.co_filename.startswith(self.folder) else None

        for name, module in list(sys.modules.items()):  # a test that is answered from a cache comes by too
            for kept in vars(module).values() if name.startswith(self.package.name) else ():
                if callable(getattr(kept, "cache_clear", None)):
                    kept.cache_clear()
        began_s = time.process_time()
        threading.settrace(everywhere)  # an engine computes in a thread of its own
        sys.settrace(everywhere)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            self.cpu_s[item.nodeid] = time.process_time() - began_s

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if not report.passed:
            self.failed.add(report.nodeid)

    def tests(self, mutant: Mutant, importers: dict[str, set[str]]) -> list[str]:
        """The tests that come by a mutant, those of its own module first, then the fastest."""

        def reaches(seen: set[tuple[str, int]]) -> bool:
            if mutant.lines is None:
                return any(module in importers[mutant.module] for module, _ in seen)
            return any((mutant.module, line) in seen for line in mutant.lines)

        own = {name for name in self.lines if _is_own(name, mutant)}
        good = (name for name in self.lines if name in own or self.cpu_s[name] < SLOW_S)
        found = [name for name in good if name not in self.failed and reaches(self.lines[name])]
        return sorted(found, key=lambda name: (name not in own, self.cpu_s[name]))


def _is_own(test: str, mutant: Mutant) -> bool:
    """Whether the test's file is called after the module; such tests are run though they take long."""
    return f"_{mutant.module.rpartition('.')[2]}_" in f"{Path(test.partition('::')[0]).stem}_"


class Tree:
    """A copy of docpipe and its tests in `folder`, in this process's path, with nothing of them imported."""

    def __init__(self, folder: Path, package: Package) -> None:
        self.folder, self.package = folder, package
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, folder / name)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = str(folder)
        sys.path[0] = str(folder)
        self.sources = {
            package.module(str(path.relative_to(folder / package.folder))): path.read_text(encoding="utf-8")
            for path in sorted((folder / package.folder).rglob("*.py"))
            if path.stem != "__init__"
        }

    def path(self, module: str) -> Path:
        return self.folder / self.package.path(module)

    def importers(self) -> dict[str, set[str]]:
        """Module -> itself and those that import it, at first hand."""
        return {
            one: {
                one,
                *(
                    other
                    for other, source in self.sources.items()
                    if f"from {self.package.name}.{one} import" in source
                ),
            }
            for one in self.sources
        }

    def survey(self) -> Survey:
        """The tests without a fault, in a fork; then imports here what they imported and is not of the tree."""
        kept = self.folder / "survey"

        def run() -> bool:
            survey = Survey(self.package, f"{self.folder}/{self.package.folder}")
            _pytest(self.package.tests, survey)
            own = str(self.folder)
            files = {name: getattr(module, "__file__", None) or own for name, module in sys.modules.items()}
            foreign = [name for name, file in files.items() if not file.startswith(own)]
            survey.seconds = dict(survey.seconds)
            kept.write_bytes(pickle.dumps((survey, foreign)))
            return True

        os.waitpid(_fork(run), 0)
        survey, foreign = pickle.loads(kept.read_bytes())
        for name in foreign:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        return survey

    def start(self, mutant: Mutant, tests: Sequence[str], cpu_s: float) -> int:
        """The process that runs `tests` with the fault; it ends with 0 if they all pass within so much CPU time."""

        def run() -> bool:
            resource.setrlimit(resource.RLIMIT_CPU, (ceil(cpu_s), ceil(cpu_s) + 1))
            mutant.apply()
            path = self.path(mutant.module)
            try:
                code = compile(ast.fix_missing_locations(mutant.tree), str(path), "exec")
            except SyntaxError:  # a continue that is now outside of a loop's reach: no such program
                return False
            sys.meta_path.insert(0, _FromMemory(f"{self.package.name}.{mutant.module}", path, code))
            own = [name for name in tests if _is_own(name, mutant)]
            groups = [own, [name for name in tests if name not in set(own)]]
            return all(
                _pytest(sorted({name.partition("::")[0] for name in group}), _Chosen(group))
                for group in groups
                if group
            )

        return _fork(run)


def _pytest(paths: Sequence[str], plugin: object) -> bool:
    base = Path(tempfile.gettempdir()) / f"pytest-{os.getpid()}"
    stop = [] if isinstance(plugin, Survey) else ["-x"]
    options = [*stop, "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", *WARNINGS, f"--basetemp={base}"]
    try:
        return pytest.main([*options, *paths], plugins=[plugin]) == 0
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _fork(run: Callable[[], bool]) -> int:
    """A child with a session and a limit of memory of its own, silent; it ends with 0 if `run` is true."""
    child = os.fork()
    if child:
        return child
    good = False
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        nowhere = os.open(os.environ.get("MUTATION_LOG", os.devnull), os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        good = run()
    except BaseException:  # noqa: BLE001  a fork may not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(0 if good else 1)


def survivors(
    tree: Tree, survey: Survey, chosen: Sequence[Mutant], jobs: int, told: Callable[[str], None]
) -> list[int]:
    """Which of `chosen` no test noticed; runs `jobs` of them at a time and tells each survivor as it comes."""
    importers, waiting = tree.importers(), list(enumerate(chosen))
    running: dict[int, tuple[int, float]] = {}  # process -> which mutant, until when
    alive: list[int] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                at, mutant = waiting.pop(0)
                tests = survey.tests(mutant, importers)
                if tests:
                    cpu_s = GRACE_S + 3 * sum(survey.cpu_s[name] for name in tests)
                    wait_s = WAIT_S + 10 * sum(survey.seconds[name] for name in tests)
                    running[tree.start(mutant, tests, cpu_s)] = at, time.monotonic() + wait_s
                else:
                    alive.append(at)
                    told(f"{mutant}  (no test comes by)")
            for child, (at, deadline) in list(running.items()):
                done, status = os.waitpid(child, 0 if time.monotonic() > deadline and _end(child) else os.WNOHANG)
                if done:
                    del running[child]
                    _end(child)  # what it started
                    if status == 0:
                        alive.append(at)
                        told(str(chosen[at]))
            time.sleep(0.01)
    finally:
        for child in running:  # interrupted
            _end(child)
            os.waitpid(child, 0)
    return sorted(alive)


def _end(group: int) -> bool:
    """Kill a child and all that is left of its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    return True


def table(chosen: Sequence[Mutant], alive: Sequence[int]) -> str:
    """Module by module, then the survivors."""
    rows = []
    for name in [*dict.fromkeys(one.module for one in chosen), "all"]:
        own = [at for at, one in enumerate(chosen) if name in (one.module, "all")]
        killed = len(own) - len(set(own) & set(alive))
        rows.append(f"| {name} | {len(own)} | {killed} | {killed / max(1, len(own)):.1%} |")
    return "\n".join(
        ["| module | mutants | killed | score |", "|---|---:|---:|---:|", *rows, "", *(str(chosen[at]) for at in alive)]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", choices=PACKAGES, default="resolve")
    parser.add_argument("--module", action="append", default=[], help="of the package; may be given again")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn by --seed; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends its forks too
    hypothesis.settings.register_profile(
        "mutation",
        derandomize=True,
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutation")
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tempfile.tempdir = folder
        tree = Tree(Path(folder), PACKAGES[arguments.package])
        names = arguments.module or list(tree.sources)
        found = [mutant for name in names for mutant in mutants(name, tree.sources[name])]
        if arguments.sample:
            picked = random.Random(arguments.seed).sample(range(len(found)), min(arguments.sample, len(found)))
            found = [found[at] for at in sorted(picked)]
        began = time.monotonic()
        survey = tree.survey()
        if survey.failed:
            print(f"failed without a fault, left out: {', '.join(sorted(survey.failed))}", file=sys.stderr)
        print(f"survey: {time.monotonic() - began:.0f} s, {len(survey.lines)} tests", file=sys.stderr)
        some = random.Random(arguments.seed).sample(names, min(CONTROLS, len(names)))
        controls = [Mutant(name, 0, "no fault", None, ast.parse(tree.sources[name]), lambda: None) for name in some]
        if len(survivors(tree, survey, controls, arguments.jobs, lambda _: None)) < len(controls):
            sys.exit("tests fail without a fault when they are run as for a mutant: nothing can be said")
        alive = survivors(tree, survey, found, arguments.jobs, lambda line: print(line, file=sys.stderr, flush=True))
    killed = len(found) - len(alive)
    if arguments.json:
        print(json.dumps({"mutants": len(found), "killed": killed, "score": round(killed / max(1, len(found)), 4)}))
    else:
        print(table(found, alive))


if __name__ == "__main__":
    main()
