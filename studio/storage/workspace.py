"""The workspace: one folder that holds everything a studio knows, and the only place where its paths are made."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from studio.domain.errors import BadInput, DiskTrouble
from studio.domain.records import SLUG
from studio.files import disk_trouble

NETWORK_DISKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "ncpfs", "9p", "afs"}
    | {"ceph", "glusterfs", "lustre", "beegfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs"}
)
NAME = re.compile(SLUG.removeprefix("^").removesuffix("$"))
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """An existing, writable folder (`root` is absolute and without links) and the paths inside it."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "studio.db"

    @property
    def inbox(self) -> Path:
        """Uploads nobody has looked into yet."""
        return self.root / "inbox"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def cache(self) -> Path:
        """Everything here may be deleted: it can be made again."""
        return self.root / "cache"

    @property
    def rough(self) -> Path:
        """Looks at pictures that are being made, a folder for each job."""
        return self.cache / "rough"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def personas(self) -> Path:
        return self.root / "personas"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def persona_dir(self, slug: str) -> Path:
        """Raises `BadInput` when `slug` is not a persona's short name (so it can never be a path)."""
        if not NAME.fullmatch(slug):
            raise BadInput(
                f"“{slug[:60]}” is not the short name of a persona.",
                "Use 1 to 48 lower-case letters, digits and dashes.",
            )
        return self.personas / slug

    def dataset_dir(self, slug: str) -> Path:
        return self.persona_dir(slug) / "dataset"

    def run_dir(self, job_id: int) -> Path:
        """Spec, curves, previews, checkpoints and resume state of a training."""
        return self.runs / str(int(job_id))

    def comparison_dir(self, job_id: int) -> Path:
        return self.root / "comparisons" / str(int(job_id))

    def job_log(self, job_id: int) -> Path:
        """What the job's own process printed."""
        return self.logs / f"job-{int(job_id)}.txt"

    def thumb(self, sha256: str) -> Path:
        """Small copy of the picture whose stored file has this SHA-256."""
        if not SHA256.fullmatch(sha256):
            raise BadInput("That is not a picture's fingerprint.", "Reload the page.")
        return self.cache / "thumbs" / sha256[:2] / f"{sha256}.webp"

    def relative(self, path: Path) -> str:
        """`path` as it is stored: relative to the workspace, with forward slashes. Raises `BadInput` outside."""
        resolved = path.resolve()
        if not resolved.is_relative_to(self.root):
            raise BadInput(f"{path} lies outside the workspace {self.root}.", "Import it first.")
        return resolved.relative_to(self.root).as_posix()

    def absolute(self, relative: str) -> Path:
        """The file behind a stored path. Raises `BadInput` when it would leave the workspace, also by a link."""
        outside = BadInput(f"“{relative[:120]}” is not a path inside the workspace.", "Reload the page.")
        try:
            resolved = (self.root / relative).resolve()
        except (ValueError, OSError, RuntimeError) as error:
            raise outside from error
        if not resolved.is_relative_to(self.root):
            raise outside
        return resolved


def open_workspace(root: Path) -> Workspace:
    """The workspace at `root`, made if it is absent.

    Raises `BadInput` when `root` is a file and `DiskTrouble` when the studio cannot write there.
    """
    try:
        root = root.expanduser().resolve()
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadInput(
            f"The workspace must be a folder, and {root} is, or lies in, a file.",
            "Name another folder with --workspace.",
        ) from error
    except OSError as error:
        raise disk_trouble(error, root) from error
    prove_writable(root)
    workspace = Workspace(root)
    for folder in (workspace.inbox, workspace.images, workspace.cache, workspace.logs, workspace.personas):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise disk_trouble(error, folder) from error
    return workspace


def prove_writable(root: Path) -> None:
    """Writes and removes one small file. Raises `DiskTrouble`: permission bits alone do not tell."""
    if not os.access(root, os.W_OK | os.X_OK):
        raise DiskTrouble(
            f"The workspace {root} is read-only.",
            "Give your user the right to write there, or choose another folder with --workspace.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=root, prefix=".writable-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
    except OSError as error:
        raise disk_trouble(error, root) from error


def network_disk(root: Path) -> str | None:
    """The file system's name when `root` lies on a network disk, where SQLite's shared memory does not work."""
    best, found = -1, None
    for mount in psutil.disk_partitions(all=True):
        point = Path(mount.mountpoint)
        if root.is_relative_to(point) and len(point.parts) >= best:
            best = len(point.parts)
            remote = mount.fstype.lower() in NETWORK_DISKS or "remote" in mount.opts.split(",")
            found = (mount.fstype or "network") if remote else None
    return found
