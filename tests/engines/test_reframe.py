"""Pictures through a smaller window: heads stay in sight, and everybody knows where the window has put them."""

import torch

from studio.engines.reframe import ABOVE, BESIDE, CLOSER, CLOSER_UNMARKED, moved, through, windows

SIDE = 96


def luck(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_window_keeps_what_matters_in_sight() -> None:
    places = torch.rand(2000, 3, generator=luck()) * torch.tensor([0.8, 0.6, 0.5]) - torch.tensor([0.4, 0.3, -0.1])
    seen = windows(places, luck(1))
    (x, y, radius), (right, down, half) = places.unbind(1), seen.unbind(1)
    assert (half <= 1).all() and (half >= 1 / CLOSER).all()
    assert (right.abs() + half <= 1 + 1e-6).all() and (down.abs() + half <= 1 + 1e-6).all(), "inside the picture"
    for edge, wanted in (
        (right - half, (x - BESIDE * radius).clamp(min=-1)), (down - half, (y - ABOVE * radius).clamp(min=-1)),
    ):  # fmt: skip
        assert (edge <= wanted + 1e-6).all()
    for edge, wanted in ((right + half, x + BESIDE * radius), (down + half, y + BESIDE * radius)):
        assert (edge >= wanted.clamp(max=1) - 1e-6).all()
    assert (half < 1).float().mean() > 0.4, "most find one"


def test_a_picture_without_a_focus_is_hardly_cut() -> None:
    half = windows(torch.zeros(500, 3), luck())[:, 2]
    assert 1 / CLOSER_UNMARKED <= half.min() < 0.97 < half.max() < 1


def test_what_is_seen_lies_where_it_is_said_to() -> None:
    places = torch.tensor([[0.2, -0.3, 0.25], [-0.25, 0.1, 0.2], [0.0, 0.0, 0.3]])
    grid = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y, radius = places.view(-1, 3, 1, 1).unbind(1)
    discs = (((grid - x) ** 2 + (grid.view(-1, 1) - y) ** 2) < radius**2).float().unsqueeze(1) * 2 - 1
    seen = torch.tensor([[0.05, -0.06, 0.9], [0.0, 0.05, 0.92], [0.0, 0.0, 1.0]])
    shown, now = (through(discs, seen) + 1) / 2, moved(places, seen)
    assert torch.allclose(shown[2], (discs[2] + 1) / 2, atol=1e-4), "the whole picture stays as it is"
    for disc, (right, down, size) in zip(shown[:, 0], now.tolist(), strict=True):
        assert abs(float((disc * grid).sum() / disc.sum()) - right) < 0.01
        assert abs(float((disc * grid.view(-1, 1)).sum() / disc.sum()) - down) < 0.01
        assert abs((float(disc.mean()) * 4 / torch.pi) ** 0.5 - size) < 0.01


def test_the_same_luck_gives_the_same_windows() -> None:
    places = torch.tensor([[0.0, 0.0, 0.2]]).repeat(8, 1)
    assert torch.equal(windows(places, luck(3)), windows(places, luck(3)))
    assert len(windows(places, luck(3)).unique(dim=0)) == 8
