"""The base a job needs, kept between jobs."""

from studio.catalog import find_base
from studio.engines.device import use_device
from studio.engines.generate import GenerationPipeline, load_pipeline
from studio.jobs.desk import Desk, pipeline_key


def warm_pipeline(desk: Desk, base: str) -> GenerationPipeline:
    """The base, loaded once per process; another one is let go first."""
    key = pipeline_key(base)
    if key not in desk.loaded:
        desk.loaded.clear()
        settings = desk.studio.settings
        use_device(settings.device, settings.threads)
        desk.loaded[key] = load_pipeline(find_base(base).folder, name=base, precision=settings.precision)
    pipeline: GenerationPipeline = desk.loaded[key]
    return pipeline
