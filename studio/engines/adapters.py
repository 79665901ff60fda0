"""LoRA adapters: added to a base to learn, written to one file, and merged into a base to make pictures."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import safetensors.torch
import torch
from diffusers.training_utils import cast_training_params
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from peft.utils import get_peft_model_state_dict
from torch import Tensor

from studio import __version__
from studio.domain.adapters import AdapterHeader
from studio.domain.errors import BadInput, Unsupported
from studio.domain.prompts import in_full
from studio.engines.chance import generator
from studio.engines.family import Family, Parts, Targets
from studio.files import write_atomic

NAME = "persona"
"""Of the adapter inside peft; files do not carry it."""


def add_adapter(
    family: Family, parts: Parts, *, targets: Targets, rank: int, lora_alpha: int, seed: int
) -> dict[str, torch.nn.Parameter]:
    """Puts a fresh adapter that changes nothing yet on the base; returns what learns, in fp32, by name.

    `lora_A` starts as Gaussian noise of deviation 1 / rank drawn from `seed`, `lora_B` as zero (Hu et al., 2021).
    """
    learning: dict[str, torch.nn.Parameter] = {}
    for component, layers in family.lora_targets(targets).items():
        network = getattr(parts.pipeline, component)
        settings = LoraConfig(
            r=rank, lora_alpha=lora_alpha, target_modules=list(layers), init_lora_weights=False
        )
        network.add_adapter(settings, adapter_name=NAME)
        cast_training_params(network, dtype=torch.float32)
        for name, weight in network.named_parameters():
            if weight.requires_grad:
                learning[f"{component}.{name}"] = weight
    with torch.no_grad():
        for name, weight in learning.items():
            if ".lora_A." in name:
                weight.copy_(torch.randn(weight.shape, generator=generator(seed, "adapter", name)) / rank)
            else:
                weight.zero_()
    return learning


@contextmanager
def carried(parts: Parts, components: Iterable[str]) -> Iterator[None]:
    """While this lasts the adapter that is being learnt lies in the base's own weights, where it costs no time.

    Afterwards the base's weights are copied back, the same bit by bit, and learning goes on beside them.
    """
    layers = [
        layer
        for component in components
        for layer in getattr(parts.pipeline, component).modules()
        if isinstance(layer, LoraLayer)
    ]
    own = [layer.get_base_layer().weight.detach().clone() for layer in layers]
    try:
        with torch.no_grad():
            for layer in layers:
                layer.merge(adapter_names=[NAME])
        yield
    finally:
        with torch.no_grad():
            for layer, weight in zip(layers, own, strict=True):
                layer.get_base_layer().weight.copy_(weight)
                layer.merged_adapters.clear()


def adapter_tensors(parts: Parts, components: Mapping[str, object]) -> dict[str, Tensor]:
    """Copies of the adapter's weights under the names diffusers reads: `unet.….lora_A.weight`.

    Copies, because the weights that learn may show an average only for a while.
    """
    found: dict[str, Tensor] = {}
    for component in components:
        network = getattr(parts.pipeline, component)
        state = get_peft_model_state_dict(network, adapter_name=NAME)
        for name, weight in state.items():
            copy = weight.detach().to("cpu", torch.float32, copy=True)
            found[f"{component}.{_written(network, component)}{name}"] = copy.contiguous()
    return found


def _written(network: torch.nn.Module, component: str) -> str:
    """What file names have and module names lack: newer transformers dropped a level of the text encoder, files
    keep it so that every program can read them."""
    return "text_model." if component == "text_encoder" and not hasattr(network, "text_model") else ""


def pack(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file whose every byte follows from its content; the library orders metadata at random."""
    plain: bytes = safetensors.torch.save({name: weight.contiguous() for name, weight in tensors.items()})
    length = int.from_bytes(plain[:8], "little")
    header = json.loads(plain[8 : 8 + length])
    header.pop("__metadata__", None)
    text = json.dumps({"__metadata__": dict(sorted(metadata.items())), **header}, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + plain[8 + length :]


def adapter_metadata(
    tensors: Mapping[str, Tensor],
    *,
    family: Family,
    targets: Targets,
    rank: int,
    lora_alpha: int,
    title: str,
    trigger: str,
    base: str,
    base_digest: str,
    resolution: int,
    recipe: Mapping[str, object],
) -> dict[str, str]:
    """Header of an adapter file: what diffusers needs, our own recipe, and the `ss_`/`modelspec` keys others read.

    No dates and no paths: the same training gives the same bytes. `sshs_model_hash` is SHA-256 over the tensors, as
    webui shows it.
    """
    peft = {
        f"{component}.{key}": value
        for component, layers in family.lora_targets(targets).items()
        for key, value in (
            ("r", rank),
            ("lora_alpha", lora_alpha),
            ("target_modules", sorted(layers)),
            ("lora_dropout", 0.0),
            ("bias", "none"),
        )
    }
    plain = pack(tensors, {})
    body = hashlib.sha256(plain[8 + int.from_bytes(plain[:8], "little") :]).hexdigest()
    spec = recipe.get("spec")
    said = spec.get("description", "") if isinstance(spec, dict) else ""
    own = {
        "version": 1,
        "studio": __version__,
        "trigger": trigger,
        "base": base,
        "base_sha256": base_digest,
        "rank": rank,
        "lora_alpha": lora_alpha,
        "targets": targets,
        **recipe,
    }
    return {
        "format": "pt",
        "lora_adapter_metadata": json.dumps(peft, sort_keys=True),
        "persona_studio": json.dumps(own, sort_keys=True, ensure_ascii=False),
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.title": title,
        "modelspec.trigger_phrase": in_full(trigger, trigger, str(said)),
        "modelspec.resolution": f"{resolution}x{resolution}",
        "ss_output_name": title,
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(rank),
        "ss_network_alpha": str(lora_alpha),
        "ss_resolution": f"({resolution}, {resolution})",
        "ss_tag_frequency": json.dumps({f"1_{trigger}": {trigger: 1}}, ensure_ascii=False),
        "sshs_model_hash": body,
    }


def save_adapter(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Writes an adapter that plain diffusers loads with `load_lora_weights`; whole or not at all."""
    write_atomic(path, pack(tensors, metadata))


class Merged:
    """A base whose weights carry an adapter, and which gets its own weights back bit by bit.

    Merging costs nothing while pictures are made, unlike adapter layers, and `show(None, …)` gives exactly the base.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._own: dict[str, Tensor] = {}
        self.shown: tuple[str, float] | None = None

    def show(self, adapter: AdapterHeader | None, scale: float) -> None:
        """Carry the adapter at `scale`; without one, or at scale 0, be the base itself.

        Raises `Unsupported` when the adapter belongs to other networks, `BadInput` when it holds no numbers.
        """
        wanted = None if adapter is None or scale == 0 else (adapter.sha256, scale)
        if wanted == self.shown:
            return
        self._restore()
        if wanted is None or adapter is None:
            return
        tensors = safetensors.torch.load_file(adapter.path)
        try:
            for layer in adapter.layers:
                self._merge(layer, tensors, adapter.scaling(layer) * scale)
        except BaseException:
            self._restore()
            raise
        self.shown = wanted

    @torch.no_grad()
    def _merge(self, layer: str, tensors: Mapping[str, Tensor], scale: float) -> None:
        try:
            weight = self._weight(layer)
        except AttributeError as error:
            raise Unsupported(
                f"The adapter changes {layer}, which this base does not have.",
                "Choose the base it was trained on.",
            ) from error
        down = tensors[f"{layer}.lora_A.weight"].float()
        up = tensors[f"{layer}.lora_B.weight"].float()
        change = torch.einsum("or,rikl->oikl", up.flatten(1), down) if down.ndim == 4 else up @ down
        if change.shape != weight.shape:
            raise Unsupported(
                f"The adapter's {layer} is {tuple(change.shape)}, this base's is {tuple(weight.shape)}.",
                "Choose the base it was trained on.",
            )
        if not torch.isfinite(change).all():
            raise BadInput(
                f"The adapter's {layer} holds values that are not numbers.", "Train or export it again."
            )
        self._own[layer] = weight.detach().to("cpu", copy=True)
        weight.copy_((weight.float() + scale * change.to(weight.device)).to(weight.dtype))

    @torch.no_grad()
    def _restore(self) -> None:
        for layer, own in self._own.items():
            self._weight(layer).copy_(own)
        self._own.clear()
        self.shown = None

    def _weight(self, layer: str) -> Tensor:
        """The base's weight behind a layer's name in a file. Raises `AttributeError`."""
        component, _, name = layer.partition(".")
        network = getattr(self._parts.pipeline, component)
        inner = name.removeprefix(_written(network, component))
        return network.get_submodule(inner).weight  # type: ignore[no-any-return]
