"""A spec's fields as controls: bounds, default and help come from the spec and stand nowhere else."""

import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import gradio as gr
from pydantic import BaseModel
from pydantic.fields import FieldInfo

S = TypeVar("S", bound=BaseModel)
SLIDER_STEP = 0.05


@dataclass(frozen=True, slots=True)
class Form:
    """Controls by the path of their field: `prior.count` is the field `count` of the spec in `prior`."""

    controls: Mapping[str, Any]

    @property
    def inputs(self) -> list[Any]:
        return list(self.controls.values())

    def read(self, values: Sequence[Any]) -> dict[str, Any]:
        """What stands in the controls, nested as the spec is; an emptied control means the default."""
        found: dict[str, Any] = {}
        for path, value in zip(self.controls, values, strict=True):
            if value is None or value == "":
                continue
            if isinstance(self.controls[path], gr.Textbox) and self.controls[path].lines > 1:
                value = tuple(line.strip() for line in str(value).splitlines() if line.strip())
            *folders, name = path.split(".")
            inner = found
            for folder in folders:
                inner = inner.setdefault(folder, {})
            inner[name] = value
        return found

    def show(self, spec: BaseModel) -> dict[Any, Any]:
        """What to put into the controls so that they say what `spec` says."""
        shown: dict[Any, Any] = {}
        for path, control in self.controls.items():
            value: Any = spec
            for name in path.split("."):
                value = getattr(value, name)
            shown[control] = "\n".join(value) if isinstance(value, tuple) else value
        return shown


def form(spec: type[BaseModel], names: Sequence[str]) -> Form:
    """One control per named field, in order. Raises `KeyError` for a name the spec does not have."""
    return Form({name: control(name, _find(spec, name)) for name in names})


def control(name: str, field: FieldInfo) -> Any:
    """The control that fits a field's type: list, tick box, slider, number or text."""
    kind, optional = _plain(field.annotation)
    given: dict[str, Any] = {"label": title(name), "info": field.description, "interactive": True}
    default = field.get_default(call_default_factory=True)
    if get_origin(kind) is Literal:
        return gr.Dropdown([(title(word), word) for word in get_args(kind)], value=default, **given)
    if kind is bool:
        return gr.Checkbox(value=default, **given)
    if kind in (int, float):
        low, high = _bounds(field)
        bounded = low is not None and high is not None and 0 < high - low <= 40
        on_a_step = bounded and not optional and math.isclose(default / SLIDER_STEP, round(default / SLIDER_STEP))
        if kind is float and on_a_step:  # else the slider would move the default
            return gr.Slider(low, high, value=default, step=SLIDER_STEP, **given)
        return gr.Number(
            value=default, precision=0 if kind is int else None, minimum=low, maximum=high, **given
        )
    if get_origin(kind) is tuple:
        return gr.Textbox("\n".join(default or ()), lines=3, placeholder="one per line", **given)
    return gr.Textbox(default, **given)


SPELT = {"lora": "LoRA", "lr": "learning-rate", "ema": "averaging (EMA)", "grad": "gradient", "adamw": "AdamW", "adam": "Adam", "sgd": "SGD",
         "mse": "MSE", "l1": "L1", "fp32": "FP32", "bf16": "BF16", "fp16": "FP16", "conv": "convolutions",
         "snr": "SNR", "muon": "Muon"}  # fmt: skip


def title(name: str) -> str:
    """`lr_schedule` as a label: “Learning-rate schedule”."""
    words = " ".join(
        SPELT.get(word, word) for word in name.replace("+", " + ").replace(".", " ").replace("_", " ").split()
    )
    return words[:1].upper() + words[1:]


def _find(spec: type[BaseModel], path: str) -> FieldInfo:
    head, _, rest = path.partition(".")
    field = spec.model_fields[head]
    return _find(field.annotation, rest) if rest else field  # type: ignore[arg-type]


def _plain(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [kind for kind in get_args(annotation) if kind is not type(None)]
        return inner[0], True
    return annotation, False


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    low = high = None
    for rule in field.metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", getattr(rule, "lt", high))
    return low, high
