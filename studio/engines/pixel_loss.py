"""How far a picture's reconstruction is from the picture: the losses an autoencoder can be trained by."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HALF_LEVEL = 1 / 255
"""Half the distance of two of the 256 levels of a pixel, in -1..1."""
HUBER_BETA = 0.5


class Levels(nn.Module):
    """Cross-entropy over the 256 levels of a pixel, in nats per colour value.

    A reconstruction is the middle of a logistic distribution, cut into the 256 levels (Salimans et al. 2017,
    "PixelCNN++"); its width is learned per colour. Values in -1..1, shapes (n, 3, h, w); the outermost levels take
    the tails, so that the 256 probabilities sum to 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_width = nn.Parameter(torch.full((3,), -2.3))

    def forward(self, found: Tensor, wanted: Tensor) -> Tensor:
        """-log p(the level of `wanted`) of every colour value."""
        return -self.log_probability(found, wanted)

    def log_probability(self, found: Tensor, wanted: Tensor) -> Tensor:
        """log p of every colour value of `wanted`, which must lie on levels k / 127.5 - 1."""
        width = self.log_width.exp().view(1, 3, 1, 1)
        above = (wanted + HALF_LEVEL - found) / width
        below = (wanted - HALF_LEVEL - found) / width
        # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)), which stays exact far from the middle
        between = F.logsigmoid(above) + F.logsigmoid(-below) + (-torch.expm1(-2 * HALF_LEVEL / width)).log()
        return torch.where(
            wanted < -1 + HALF_LEVEL, F.logsigmoid(above),
            torch.where(wanted > 1 - HALF_LEVEL, F.logsigmoid(-below), between),
        )  # fmt: skip


def mixed(found: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """L1, squares, and edges at three scales: sharp and without a colour cast.

    `weight` (n, 1, h, w), of mean 1: how much each place counts.
    """
    error = found - wanted
    half, quarter = F.avg_pool2d(error, 2), F.avg_pool2d(error, 4)
    detail = 0.5 * _edges(error, weight) + 0.25 * _edges(half, F.avg_pool2d(weight, 2))
    detail = detail + 0.3 * (quarter.abs() * F.avg_pool2d(weight, 4)).mean()
    return (error.abs() * weight).mean() + 2 * (error.square() * weight).mean() + detail


def punished(kind: str, found: Tensor, wanted: Tensor) -> Tensor:
    """The error of every value by `kind`: mse, l1 or huber."""
    if kind == "l1":
        return (found - wanted).abs()
    if kind == "huber":
        return F.smooth_l1_loss(found, wanted, reduction="none", beta=HUBER_BETA)
    return (found - wanted).square()


def _edges(error: Tensor, weight: Tensor) -> Tensor:
    across = ((error[..., 1:] - error[..., :-1]).abs() * weight[..., 1:]).mean()
    return across + ((error[..., 1:, :] - error[..., :-1, :]).abs() * weight[..., 1:, :]).mean()
