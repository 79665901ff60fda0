"""Failures a person can read: what happened, the value, what is allowed, and what to do next."""


class StudioError(Exception):
    """Base of every failure that is shown to a person.

    `message` says what happened, with the value and what is allowed; `hint` says what to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def sentence(self) -> str:
        """Message and hint as one line for logs, toasts and job rows."""
        return f"{self.message} {self.hint}".strip()


class BadInput(StudioError):
    """Something given to the studio cannot be used as it is."""


class NotFound(StudioError):
    """A name or file that was asked for does not exist."""


class Conflict(StudioError):
    """The thing was changed or is in use by somebody else."""


class Refused(StudioError):
    """The policy does not allow it (see `studio.domain.policy`)."""


class Unsupported(StudioError):
    """This base, format or machine cannot do it."""


class MissingWeights(StudioError):
    """Model files are absent or incomplete."""


class OutOfMemory(StudioError):
    """The machine's or the accelerator's memory did not suffice."""


class DiskTrouble(StudioError):
    """The disk is full, read-only, or not fit for a workspace."""


class Cancelled(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by `report` when Stop was pressed; engines let it pass after saving their state."""
