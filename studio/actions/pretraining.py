"""What a person can do with models of their own: have one trained from scratch, and see how far it is."""

from dataclasses import dataclass

from studio.domain.errors import Conflict
from studio.domain.pretraining import PretrainSpec
from studio.domain.records import Job
from studio.domain.specs import SPEC
from studio.storage import gate, queue
from studio.storage.opened import Studio

TITLES = {
    "all": "a small model",
    "text-to-image": "a reader and a painter",
    "autoencoder": "an autoencoder",
    "text": "a reader of captions",
    "denoiser": "a painter",
}


@dataclass(frozen=True, slots=True)
class ModelView:
    """A training from scratch."""

    job: Job
    spec: PretrainSpec


def start_pretraining(studio: Studio, spec: PretrainSpec) -> int:
    """Submits a training from scratch and returns its job.

    Raises `BadInput` and `NotFound` for the folders, `Conflict` while another one waits or runs.
    """
    gate.check_pretraining(studio, spec)
    folders = tuple(str(gate.named_path(folder)) for folder in spec.folders)
    start = spec.start and str(gate.named_path(spec.start))
    spec = spec.model_copy(update={"folders": folders, "start": start})  # the job runs in another folder than the page
    running = queue.jobs(studio.db, statuses=queue.OPEN, kinds=["pretrain"], limit=1)
    if running:
        raise Conflict(f"“{running[0].title}” is not done yet.", "Wait until it has ended, or stop it.")
    return queue.submit(studio.db, spec, title=f"Train {TITLES[spec.stage]} from scratch")


def newest_model(studio: Studio) -> ModelView | None:
    """The newest training from scratch, if there was one."""
    for job in queue.jobs(studio.db, kinds=["pretrain"], limit=1):
        spec = SPEC.validate_json(job.spec)
        if isinstance(spec, PretrainSpec):
            return ModelView(job, spec)
    return None
