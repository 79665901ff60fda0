"""What all specs have in common."""

from pydantic import BaseModel, ConfigDict

SEED_LIMIT = 2**32 - 1


class Spec(BaseModel):
    """Base of all specs: immutable, no unknown fields, no silent NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
