"""A rendered world with ground truth: invented adults, places, things, captions."""
