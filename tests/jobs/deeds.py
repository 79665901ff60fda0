"""Cheap jobs that do to their process what real ones may: each is named by the `source` of an import spec."""

import ctypes
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pydantic import BaseModel

from studio.domain.errors import BadInput, Cancelled
from studio.domain.events import Note, Phase, Progress, Saved, Scalar
from studio.domain.specs import CompareSpec, GenerateSpec, ImportSpec, TrainSpec
from studio.files import write_atomic
from studio.jobs.desk import Desk, pipeline_key
from studio.storage import queue

HANDLERS = {kind: "tests.jobs.deeds:run" for kind in ("import", "train", "generate", "compare", "verify")}


class Told(BaseModel):
    """What a deed gives back."""

    pid: int
    said: str
    loads: int = 0


def run(spec: ImportSpec | TrainSpec | GenerateSpec | CompareSpec, desk: Desk) -> BaseModel | None:
    """Does what the spec's free text says, such as `sleep 5`, `segv` or `steps 100 0.02`."""
    if isinstance(spec, ImportSpec):
        line = spec.source
    elif isinstance(spec, GenerateSpec):
        line = spec.prompt
    elif isinstance(spec, TrainSpec):
        line = spec.preview_prompts[0]
    else:
        line = spec.prompts[0]
    word, *rest = line.split()
    return globals()[f"do_{word}"](desk, *rest)


def do_say(desk: Desk, *words: str) -> Told:
    desk.report(Note(text=" ".join(words)))
    desk.loaded.setdefault("pipeline", []).append(desk.job.id)
    return Told(pid=os.getpid(), said=" ".join(words), loads=len(desk.loaded["pipeline"]))


def do_host(desk: Desk, base: str, pauses: str = "1") -> Told:
    """Has a base loaded and lets guests in between its batches; says how its guests fared."""
    desk.loaded[pipeline_key(base)] = base
    for pause in range(int(pauses)):
        desk.report(Phase(title=f"Batch {pause}"))
        desk.let_guests_in()
        time.sleep(0.02)
    guests = reversed(queue.jobs(desk.studio.db, kinds={"generate"}))
    return Told(pid=os.getpid(), said=" ".join(one.status.value for one in guests))


def do_nothing(desk: Desk) -> None:
    del desk


def do_steps(desk: Desk, total: str, seconds: str) -> Told:
    """Works step by step; saves when it is asked to stop, and goes on from there the next time."""
    kept = desk.studio.workspace.run_dir(desk.job.id) / "kept.txt"
    first = int(kept.read_text()) if kept.exists() else 0
    step = first
    desk.report(Phase(title="Stepping"))
    try:
        for step in range(first + 1, int(total) + 1):
            time.sleep(float(seconds))
            desk.report(Scalar(name="loss", step=step, value=1 / step))
            desk.report(Progress(step=step, total=int(total)))
    except Cancelled:
        write_atomic(kept, str(step).encode())
        desk.report(Saved(step=step, path=desk.studio.workspace.relative(kept)))
        raise
    return Told(pid=os.getpid(), said=f"from {first} to {step}")


def do_hang(desk: Desk, seconds: str = "60") -> None:
    desk.report(Phase(title="Hanging"))
    time.sleep(float(seconds))


def do_family(desk: Desk) -> None:
    """Starts a process of its own and hangs."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    desk.report(Note(text=str(other.pid)))
    time.sleep(60)


def do_segv(desk: Desk) -> None:
    desk.report(Phase(title="Crashing"))
    ctypes.string_at(0)


def do_die(desk: Desk, name: str = "SIGKILL") -> None:
    desk.report(Phase(title="Dying"))
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(5)


def do_leave(desk: Desk, code: str) -> None:
    del desk
    os._exit(int(code))


def do_refuse(desk: Desk) -> None:
    del desk
    raise BadInput("“cat.txt” is not a picture.", "Choose a PNG, JPEG or WebP.")


def do_stumble(desk: Desk) -> None:
    del desk
    raise KeyError("no such thing")


def do_fill(desk: Desk) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(desk.studio.workspace.images / "a.png"))


def do_swell(desk: Desk) -> None:
    del desk
    raise MemoryError


def do_print(desk: Desk, word: str) -> None:
    del desk
    print(word, flush=True)
    os.system(f"echo native-{word}")  # noqa: S605 - past Python's own streams


def do_mark(desk: Desk, name: str, seconds: str) -> None:
    """Leaves when it began and when it ended."""
    path = Path(desk.studio.workspace.root / name)
    began = time.time()
    time.sleep(float(seconds))
    path.write_text(f"{began} {time.time()}")
