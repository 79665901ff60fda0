"""Which function does a kind of job."""

from collections.abc import Mapping
from types import MappingProxyType

HANDLERS: Mapping[str, str] = MappingProxyType(
    {
        "import": "studio.jobs.importing:run",
        "train": "studio.jobs.train:run",
        "pretrain": "studio.jobs.pretrain:run",
        "probe": "studio.jobs.probe:run",
        "generate": "studio.jobs.generate:run",
        "compare": "studio.jobs.compare:run",
        "export": "studio.jobs.export:run",
        "verify": "studio.jobs.verify:run",
    }
)
"""Kind → "module:function", called as `run(spec, desk) -> BaseModel | None` and loaded only in a child."""
