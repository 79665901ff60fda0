"""What an import reports: how many pictures came in, and one sentence for each that did not."""

from pydantic import Field

from studio.domain.records import Record


class Skipped(Record):
    """A file that was left out, and why."""

    name: str
    sentence: str


class Remark(Record):
    """Something worth knowing about a file that was taken."""

    name: str
    sentence: str


class ImportReport(Record):
    """The result of an import job."""

    added: int = 0
    duplicates: tuple[Skipped, ...] = Field((), description="Pictures that were already in the dataset.")
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[Remark, ...] = Field(
        (), description="Captions that were converted, repeats that were noted …"
    )
    held_out: int = Field(0, description="Pictures kept aside for measuring, after this import.")
    out_of_world: int | None = Field(
        None, description="New pictures the embedded base's judges do not know; empty: not measured."
    )

    def sentence(self) -> str:
        """The whole import in one line."""
        parts = [f"{self.added} picture{'' if self.added == 1 else 's'} added"]
        if self.duplicates:
            parts.append(f"{len(self.duplicates)} already there")
        if self.skipped:
            parts.append(f"{len(self.skipped)} left out")
        if self.held_out:
            parts.append(f"{self.held_out} kept aside for measuring")
        return ", ".join(parts) + "."
