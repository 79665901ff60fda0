"""The export job: what leaves the studio goes in one zip, with its marks and a card that says what it is."""

import io
import zipfile

from pydantic import BaseModel

from studio import __version__
from studio.catalog import find_base
from studio.collect.adapter_file import read_adapter
from studio.domain.adapters import AdapterHeader
from studio.domain.errors import BadInput, NotFound
from studio.domain.events import Phase
from studio.domain.prompts import in_full
from studio.domain.records import Persona
from studio.domain.specs import ExportSpec
from studio.engines.kohya import kohya_file
from studio.files import read_bounded, write_atomic
from studio.jobs.desk import Desk
from studio.provenance.keys import ensure_keys
from studio.provenance.packages import mark_zip
from studio.storage import gate, pictures

LARGEST = 1 << 30


class Exported(BaseModel):
    """Where the file lies, relative to the workspace."""

    path: str


def run(spec: ExportSpec, desk: Desk) -> BaseModel:
    """Packs an adapter or pictures; a report is made by its own module. Raises `Refused`, `BadInput`, `NotFound`."""
    if spec.what == "report":
        from studio.jobs.report import run as run_report

        return run_report(spec, desk)
    desk.report(Phase(title="Packing"))
    name, members = adapter_members(spec, desk) if spec.what == "adapter" else picture_members(spec, desk)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for member, payload in members.items():
            archive.writestr(member, payload)
    workspace = desk.studio.workspace
    path = workspace.run_dir(desk.job.id) / f"{name}.zip"
    write_atomic(path, mark_zip(packed.getvalue(), ensure_keys(workspace.keys)))
    return Exported(path=workspace.relative(path))


def adapter_members(spec: ExportSpec, desk: Desk) -> tuple[str, dict[str, bytes]]:
    """The adapter as diffusers and as kohya's tools read it, and its card."""
    if spec.checkpoint is None or spec.persona is None:
        raise BadInput("No checkpoint was named.", "Choose one in the Train tab.")
    if gate.checkpoint_owner(desk.studio, spec.checkpoint) != spec.persona:
        raise BadInput("This checkpoint belongs to another persona.", "Choose one of this persona's.")
    persona = gate.check_publishing(desk.studio, spec.persona)
    header = read_adapter(desk.studio.workspace.absolute(spec.checkpoint))
    step = int(header.own.get("step", 0))
    name = f"{persona.slug}-step-{step}"
    return name, {
        f"{name}.safetensors": read_bounded(header.path, LARGEST),
        f"{name}-kohya.safetensors": kohya_file(header),
        "README.md": adapter_card(persona, header, name).encode(),
    }


def adapter_card(persona: Persona, header: AdapterHeader, name: str) -> str:
    """What the adapter is, who it shows, how to use it, and under what terms."""
    who = {
        "fictional": "a fictional adult",
        "self": "the creator, an adult",
        "consenting": "an adult whose consent is recorded",
    }[persona.charter.kind]
    base = find_base(persona.base)
    strength = persona.choice.adapter_scale if persona.choice is not None else 1.0
    settings = header.own.get("spec", {})
    called = in_full(persona.trigger, persona.trigger, settings.get("description", ""))
    learnt = f"{header.own.get('step')} steps, rank {header.own.get('rank')}, {header.own.get('targets')}"
    return f"""---
library_name: diffusers
tags: [lora, text-to-image, ai-generated-person]
instance_prompt: {called}
---
# {persona.name}

A LoRA adapter that shows {persona.name}, {who}. Trained and exported by Persona Studio {__version__}.

- Trigger word: `{persona.trigger}`; learned, and best asked for, as `{called}`
- Base: {base.title}, SHA-256 `{header.base_sha256}`; its licence ({base.licence}) covers what is made with it
- Strength: {strength:g}
- Training: {learnt}, learning rate {settings.get("learning_rate")}, optimizer {settings.get("optimizer")},
  seed {settings.get("seed")}, dataset SHA-256 `{header.own.get("dataset_sha256")}`

`{name}.safetensors` is for diffusers; `{name}-kohya.safetensors` holds the same weights under the names that
A1111, Forge and ComfyUI read.

```python
pipeline.load_lora_weights(".", weight_name="{name}.safetensors")
pipeline("{called} on a beach")
```

Pictures made with this adapter show an artificial or consenting adult and must be marked as made with AI where the
law asks for it.
"""


def picture_members(spec: ExportSpec, desk: Desk) -> tuple[str, dict[str, bytes]]:
    """The files as they are stored: each carries its own recipe, marks and signature."""
    members = {}
    for picture_id in spec.pictures:
        picture = pictures.get(desk.studio.db, picture_id)
        gate.check_publishing_picture(desk.studio, picture)
        path = desk.studio.workspace.absolute(picture.path)
        if not path.is_file():
            raise NotFound(f"The file of the picture {picture.id} is gone.", "Choose others.")
        members[path.name] = read_bounded(path, LARGEST)
    if not members:
        raise BadInput("No picture was named.", "Choose at least one.")
    return f"{spec.persona or 'pictures'}-{len(members)}", members
