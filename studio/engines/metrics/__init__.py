"""Metrics: one function per file, `metric(evidence) -> one score per picture`, and one row in `catalog.METRICS`."""
