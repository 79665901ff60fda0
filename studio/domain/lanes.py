"""Which kinds of jobs wait for each other."""

MACHINE = frozenset({"train", "pretrain", "probe", "generate", "compare"})
"""These use the whole machine: one at a time, in the order of the queue, but for guests (below)."""

WARM = frozenset({"generate", "compare"})
"""Of those, the ones that share a loaded pipeline and so run in the loop of `studio work`."""

GUEST, HOST = "generate", "compare"
"""A host lets guests on its own base in between two of its batches, in its own process, before whatever else waits."""

LIGHT = frozenset({"import", "export", "verify"})
"""These run beside the others, each in its own child."""

LIGHT_AT_ONCE = 2
