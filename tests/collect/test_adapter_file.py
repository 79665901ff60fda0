"""An adapter file that lies, is cut, or holds no numbers is refused with a sentence, before torch sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.collect.adapter_file import LONGEST_HEADER, read_adapter
from studio.domain.adapters import check_base
from studio.domain.errors import BadInput, NotFound, StudioError, Unsupported

LAYER = "unet.mid_block.attentions.0.proj_in"
Header = dict[str, Any]


def write(path: Path, header: Header, body: bytes) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)
    return path


def good(rank: int = 2) -> tuple[Header, bytes]:
    down, up = np.ones((rank, 3), "<f4"), np.ones((5, rank), "<f4")
    header: Header = {
        "__metadata__": {
            "format": "pt",
            "lora_adapter_metadata": json.dumps({"unet.r": rank, "unet.lora_alpha": 8}),
            "persona_studio": json.dumps({"trigger": "zia", "base": "embedded", "base_sha256": "a" * 64}),
        },
        f"{LAYER}.lora_A.weight": {"dtype": "F32", "shape": [rank, 3], "data_offsets": [0, down.nbytes]},
        f"{LAYER}.lora_B.weight": {
            "dtype": "F32",
            "shape": [5, rank],
            "data_offsets": [down.nbytes, down.nbytes + up.nbytes],
        },
    }
    return header, down.tobytes() + up.tobytes()


def test_a_good_file(tmp_path: Path) -> None:
    found = read_adapter(write(tmp_path / "a.safetensors", *good()))
    assert found.layers == (LAYER,) and found.ranks == {LAYER: 2}
    assert found.scaling(LAYER) == 4.0 and found.base_sha256 == "a" * 64
    check_base(found, "a" * 64, "embedded")
    with pytest.raises(Unsupported, match="another base"):
        check_base(found, "b" * 64, "other")
    with pytest.raises(Unsupported, match="has changed since this checkpoint was trained on it"):
        check_base(found, "b" * 64, str(found.own["base"]))


def test_without_a_note_alpha_is_the_rank(tmp_path: Path) -> None:
    header, body = good()
    del header["__metadata__"]
    found = read_adapter(write(tmp_path / "a.safetensors", header, body))
    assert found.scaling(LAYER) == 1.0 and found.base_sha256 is None
    check_base(found, "b" * 64, "any")


def change(**entry: Any) -> Callable[[Header, bytes], tuple[Header, bytes]]:
    def changed(header: Header, body: bytes) -> tuple[Header, bytes]:
        header[f"{LAYER}.lora_A.weight"] |= entry
        return header, body

    return changed


def rename(header: Header, body: bytes) -> tuple[Header, bytes]:
    return {name.replace(".lora_A.", ".lora_Z."): entry for name, entry in header.items()}, body


def other_rank(header: Header, body: bytes) -> tuple[Header, bytes]:
    header[f"{LAYER}.lora_B.weight"]["shape"] = [2, 5]
    return header, body


def poisoned(value: float) -> Callable[[Header, bytes], tuple[Header, bytes]]:
    return lambda header, body: (header, body[:-4] + np.float32(value).tobytes())


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda h, b: (h, b[:-1]), "cut off|lies"),
        (lambda h, b: (h, b + b"more"), "more than it says"),
        (change(shape=[2, 4]), "lies about the size"),
        (change(shape=[-2, -3]), "lies about the size"),
        (change(shape=[2**40, 2**40]), "lies about the size"),
        (change(data_offsets=[4, 28]), "lies"),
        (change(data_offsets=[0]), "cannot be read"),
        (change(dtype="I8"), "cannot be read"),
        (change(shape="big"), "lies about the size"),
        (rename, "not the layout"),
        (other_rank, "ranks differ"),
        (poisoned(float("nan")), "NaN"),
        (poisoned(float("inf")), "NaN or infinite"),
        (lambda h, b: (h | {"__metadata__": {"a": 1}}, b), "metadata is not text"),
        (lambda h, b: ({}, b""), "cut off, or holds more"),
    ],
)
def test_harm_is_a_sentence(harm: Callable[..., tuple[Header, bytes]], says: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=says) as caught:
        read_adapter(write(tmp_path / "a.safetensors", *harm(*good())))
    assert caught.value.hint and "Traceback" not in caught.value.message


@pytest.mark.parametrize(
    "payload",
    [b"", b"short", b"\xff" * 64, (LONGEST_HEADER + 1).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]",
     (5000).to_bytes(8, "little") + b"[" * 5000, b"PK\x03\x04" + bytes(100)],
    ids=["empty", "short", "noise", "huge-header", "a-list", "deep", "zip"],
)  # fmt: skip
def test_what_is_no_adapter_at_all(payload: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(payload)
    with pytest.raises(BadInput):
        read_adapter(path)


def test_half_precision_is_checked_too(tmp_path: Path) -> None:
    header, _ = good(1)
    down, up = np.array([[1, 2, 3]], "<f2"), np.array([[1], [2], [3], [4], [np.nan]], "<f4")
    bf16 = (up.view("<u4") >> 16).astype("<u2")
    header[f"{LAYER}.lora_A.weight"] = {"dtype": "F16", "shape": [1, 3], "data_offsets": [0, 6]}
    header[f"{LAYER}.lora_B.weight"] = {"dtype": "BF16", "shape": [5, 1], "data_offsets": [6, 16]}
    with pytest.raises(BadInput, match=r"lora_B\.weight holds values that are not numbers"):
        read_adapter(write(tmp_path / "a.safetensors", header, down.tobytes() + bf16.tobytes()))


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_adapter(tmp_path / "absent.safetensors")
    pickle = tmp_path / "a.ckpt"
    pickle.write_bytes(b"x")
    with pytest.raises(BadInput, match=r"not a \.safetensors"):
        read_adapter(pickle)
