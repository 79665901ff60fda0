"""Which function does a kind of job, and which kinds wait for each other."""

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

MACHINE = frozenset({"train", "pretrain", "probe", "generate", "compare"})
"""These use the whole machine: one at a time, in the order of the queue."""

WARM = frozenset({"generate", "compare"})
"""Of those, the ones that share a loaded pipeline and so run in the loop of `studio work`."""

LIGHT = frozenset({"import", "export", "verify"})
"""These run beside the others, each in its own child."""

LIGHT_AT_ONCE = 2
