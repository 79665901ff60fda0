"""Optional speed: the geometry of a picture traced to C, where a compiler is at hand; about ten times faster."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.world.head import Part
from studio.world.shapes import Field

Group = Callable[[Field, Field, Field], list[Part]]
Node = tuple[str, tuple["Symbol | float", ...]]
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC")
"""For compiling only: linked with -ffast-math too, a library sets the whole process to flush tiny numbers to zero."""
HEAD = """#include <math.h>
static inline float turn(float y, float x) {
  float ax = fabsf(x), ay = fabsf(y), mx = fmaxf(ax, ay), mn = fminf(ax, ay), a = mn / (mx + 1e-12f), s = a * a;
  float r = ((-0.0464964749f * s + 0.15931422f) * s - 0.327622764f) * s * a + a;
  r = ay > ax ? 1.57079637f - r : r; r = x < 0 ? 3.14159274f - r : r; return y < 0 ? -r : r;
}
void field(const float *restrict X, const float *restrict Y, const float *restrict Z, float *restrict out, long n,
           const float *restrict p, int fold) {
  for (long i = 0; i < n; i++) {
    float v0 = X[i], v1 = Y[i], v2 = Z[i];
"""
TAIL = """
    out[i] = fold ? fminf(out[i], {0}) : {0};
  }}
}}
"""
FUNCTIONS = {
    "sqrt": "sqrtf({})",
    "sin": "sinf({})",
    "cos": "cosf({})",
    "exp": "expf({})",
    "minimum": "fminf({},{})",
    "maximum": "fmaxf({},{})",
    "atan2": "turn({},{})",
}


class Symbol:
    """A coordinate or distance on paper: arithmetic on it is written down instead of done."""

    __slots__ = ("number", "sheet")
    __array_ufunc__ = None

    def __init__(self, sheet: "Sheet", number: int) -> None:
        self.sheet, self.number = sheet, number

    def _note(self, form: str, *operands: "Symbol | float") -> "Symbol":
        return self.sheet.note(form, operands)

    def __add__(self, other: "Symbol | float") -> "Symbol":
        return self._note("{}+{}", self, other)

    __radd__ = __add__

    def __sub__(self, other: "Symbol | float") -> "Symbol":
        return self._note("{}-{}", self, other)

    def __rsub__(self, other: float) -> "Symbol":
        return self._note("{}-{}", other, self)

    def __mul__(self, other: "Symbol | float") -> "Symbol":
        return self._note("{}*{}", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: "Symbol | float") -> "Symbol":
        return self._note("{}/{}", self, other)

    def __neg__(self) -> "Symbol":
        return self._note("-{}", self)

    def __pow__(self, power: int) -> "Symbol":
        if power != 2:
            raise TypeError(f"only squares are traced, not powers of {power}")
        return self._note("{0}*{0}", self)

    def __gt__(self, other: float) -> "Symbol":
        return self._note("({}>{}?1.f:0.f)", self, other)

    def abs(self) -> "Symbol":
        """Magnitude, as in torch."""
        return self._note("fabsf({})", self)

    def clamp(self, min: float | None = None, max: float | None = None) -> "Symbol":  # noqa: A002 - torch's names
        """Limits, as in torch."""
        found = self if min is None else self._note("fmaxf({},{})", self, min)
        return found if max is None else self._note("fminf({},{})", found, max)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> "Symbol":
        sheet = next(operand.sheet for operand in args if isinstance(operand, Symbol))
        found: Symbol = sheet.note(FUNCTIONS[function.__name__], args)
        return found


class Sheet:
    """The written-down arithmetic of one geometry; the first three symbols are x, y and z."""

    def __init__(self) -> None:
        self.nodes: list[Node | None] = [None, None, None]

    def note(self, form: str, operands: tuple[Symbol | float, ...]) -> Symbol:
        """A new symbol for `form` of the operands."""
        self.nodes.append((form, operands))
        return Symbol(self, len(self.nodes) - 1)

    def code(self, result: Symbol) -> tuple[str, str, NDArray[np.float32]]:
        """Statements in C that work out one distance from v0, v1, v2; its name; and every constant, the `p` of them."""
        needed, open_ = {0, 1, 2}, [result.number]
        while open_:
            number = open_.pop()
            if number not in needed:
                needed.add(number)
                open_ += [o.number for o in self._operands(number) if isinstance(o, Symbol)]
        names = {0: "v0", 1: "v1", 2: "v2"}
        constants: list[float] = []
        lines: list[str] = []
        for number in sorted(needed - {0, 1, 2}):
            written = []
            for operand in self._operands(number):
                if isinstance(operand, Symbol):
                    written.append(names[operand.number])
                else:
                    written.append(f"p[{len(constants)}]")
                    constants.append(float(operand))
            node = self.nodes[number]
            form = node[0] if node else ""
            names[number] = f"v{len(lines) + 3}"
            lines.append(f"    float {names[number]} = {form.format(*written)};")
        return "\n".join(lines), names[result.number], np.array(constants, np.float32)

    def _operands(self, number: int) -> tuple[Symbol | float, ...]:
        node = self.nodes[number]
        return node[1] if node else ()


def traced(group: Group) -> Iterator[tuple[int, str, str, NDArray[np.float32]]]:
    """Each part of a geometry: its material, and what `Sheet.code` gives."""
    sheet = Sheet()
    for material, distance in group(Symbol(sheet, 0), Symbol(sheet, 1), Symbol(sheet, 2)):
        yield material, *sheet.code(distance)


class Geometry(Protocol):
    """What rays may hit."""

    def parts(self, x: Tensor, y: Tensor, z: Tensor) -> list[Part]:
        """Material and distance of every part at points (n,)."""

    def lower(self, nearest: Tensor, x: Tensor, y: Tensor, z: Tensor) -> None:
        """Lower `nearest` (n,) in place to the distance of the nearest part, where that is less."""


class Plain:
    """A geometry that torch works out step by step."""

    def __init__(self, group: Group) -> None:
        self.parts = group

    def lower(self, nearest: Tensor, x: Tensor, y: Tensor, z: Tensor) -> None:
        """See `Geometry`."""
        for _, distance in self.parts(x, y, z):
            torch.minimum(nearest, distance, out=nearest)


class Compiled:
    """A geometry whose distances are machine code: each part's material, function and constants."""

    def __init__(self, ready: list[tuple[int, Any, NDArray[np.float32]]]) -> None:
        self.ready = ready

    def parts(self, x: Tensor, y: Tensor, z: Tensor) -> list[Part]:
        """See `Geometry`."""
        return [(material, self._run(run, x, y, z, torch.empty_like(x), 0)) for material, *run in self.ready]

    def lower(self, nearest: Tensor, x: Tensor, y: Tensor, z: Tensor) -> None:
        """See `Geometry`."""
        for _, *run in self.ready:
            self._run(run, x, y, z, nearest, 1)

    def _run(self, run: list[Any], x: Tensor, y: Tensor, z: Tensor, out: Tensor, fold: int) -> Tensor:
        function, constants = run
        x, y, z = x.contiguous(), y.contiguous(), z.contiguous()
        points = (x.data_ptr(), y.data_ptr(), z.data_ptr(), out.data_ptr())
        function(*points, x.numel(), constants.ctypes.data, fold)
        return out


class Tracer(Protocol):
    """Makes machine code of geometries."""

    def compiled(self, group: Group) -> Geometry:
        """The same geometry, for tensors only, worked out by machine code."""


class ProcessorTracer:
    """Compiles geometries for this processor and keeps the code in `folder`; a dozen people share most of it."""

    def __init__(self, folder: Path, compiler: str) -> None:
        self.folder, self.compiler = folder, compiler
        self.loaded: dict[str, Any] = {}

    def compiled(self, group: Group) -> Geometry:
        """See `Tracer`."""
        return Compiled(
            [(material, self._function(f"{HEAD}{body}{TAIL.format(name)}"), constants)
             for material, body, name, constants in traced(group)]
        )  # fmt: skip

    def _function(self, source: str) -> Any:
        digest = hashlib.sha256("\n".join((source, *FLAGS)).encode()).hexdigest()[:20]
        if digest not in self.loaded:
            library = self.folder / f"{digest}.so"
            if not library.exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                written = self.folder / f"{digest}.{os.getpid()}.c"
                written.write_text(source)
                compiled, partial = written.with_suffix(".o"), written.with_suffix(".part")
                for step in (
                    [*FLAGS, "-c", "-o", str(compiled), str(written)],
                    ["-shared", "-o", str(partial), str(compiled), "-lm"],
                ):
                    subprocess.run([self.compiler, *step], check=True, capture_output=True)
                partial.replace(library)
                written.unlink()
                compiled.unlink()
            function = ctypes.CDLL(str(library)).field
            pointer = ctypes.c_void_p
            function.argtypes = [pointer, pointer, pointer, pointer, ctypes.c_long, pointer, ctypes.c_int]
            function.restype = None
            self.loaded[digest] = function
        return self.loaded[digest]


def find_tracer(folder: Path) -> Tracer | None:
    """A tracer that keeps its code in `folder`, or None where no C compiler is found."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    return ProcessorTracer(folder, compiler) if compiler else None
