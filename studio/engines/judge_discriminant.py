"""The last layer by which a judge tells people apart, worked out in closed form instead of learned."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from studio.engines.judge import Pixels
from studio.engines.judge_network import CUTS, JudgeNetwork, heads, moved
from studio.engines.judge_views import exposed, roughly

if TYPE_CHECKING:
    from studio.engines.judge_training import Truth

COMPONENTS = 500
"""Principal components of what the network sees of heads that take part; 1,000 and 2,000 were no better."""
SHRINK = 0.3
"""Share of the scatter within people that is taken to be alike in all directions; 0.03 and 0.1 were a little worse."""
EVERYBODY = 0.1
"""Weight of what tells any two people apart beside what tells look-alikes apart, whom the same words describe.

Words are what a base knows already: a judge that weighs both alike hardly sees what an adapter adds to them. Look-alikes
are told apart with 0.61, 0.65 and 0.70 (area under the curve) at a weight alone, of 0.1 and of 0; random people with 0.998,
0.997 and 0.987, people with the same gender and hair with 0.974, 0.965 and 0.936.
"""
TOGETHER = 128


@torch.no_grad()
def discriminate(
    network: JudgeNetwork, truth: "Truth", seed: int, *, share: float = 1.0, everybody: float = EVERYBODY
) -> None:
    """Put linear discriminant analysis (Fisher 1936, Rao 1948) in the place of the layer that embeds people.

    Directions are scaled by how much of what is seen along them belongs to the person and not to the picture, as in
    probabilistic LDA (Ioffe 2006), so that the cosine weighs them so; what tells look-alikes apart counts most. Heads are
    seen in changed light, a little off, each as the mean over `CUTS`, and softened where there are such pictures. Nothing
    happens with fewer than two people, or nobody seen twice (a softened picture counts as another).

    `share`: how much of the squared likeness comes from these people, the rest from the layer there was, so that a judge
    learns how people look now without losing what more people taught it. `everybody`: see `EVERYBODY`.
    """
    shown = truth.people >= 0
    softened = np.flatnonzero(shown[: len(truth.softened)])
    people = np.concatenate([truth.people[shown], truth.people[softened]])
    _, first, owner, counts = np.unique(people, return_index=True, return_inverse=True, return_counts=True)
    if len(counts) < 2 or counts.max() < 2:
        return
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    focus = torch.from_numpy(truth.focus)
    seen = torch.cat(
        [
            _flat(network, truth.pixels[shown], focus[torch.from_numpy(shown)], rng),
            _flat(network, truth.softened[softened], focus[torch.from_numpy(softened)], rng),
        ]
    )
    middle = seen.mean(dim=0)
    axes = _principal(seen - middle)
    families = np.concatenate([truth.families[shown], truth.families[softened]])[first]
    most = network.embed.out_features
    found = directions((seen - middle) @ axes, torch.from_numpy(owner), torch.from_numpy(families), most, everybody).T @ axes.T
    bias = found @ -middle
    if share < 1:
        found, bias = _blended((network.embed.weight, network.embed.bias), (found, bias), share, seen)
    network.embed.weight.zero_()[: len(found)] = found
    network.embed.bias.zero_()[: len(found)] = bias


def _blended(
    before: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor], share: float, seen: Tensor
) -> tuple[Tensor, Tensor]:
    """One layer (k, f) whose products are those of two, weighed, as nearly as its k directions allow on what is `seen`."""
    parts = []
    for (weight, bias), part in ((before, 1 - share), (new, share)):
        scale = (part**0.5) / (seen @ weight.T + bias).norm(dim=1).mean()
        parts.append((weight * scale, bias * scale))
    weight, bias = (torch.cat(both) for both in zip(*parts, strict=True))
    told = (seen @ weight.T + bias).double()
    _, axes = torch.linalg.eigh(told.T @ told)
    kept = axes[:, -len(before[0]) :].T.to(weight.dtype)
    return kept @ weight, kept @ bias


def _flat(network: JudgeNetwork, pixels: Pixels, focus: Tensor, rng: np.random.Generator) -> Tensor:
    """What the last layer is given, (N, f), for heads as a lesson sees them."""
    rows = [torch.zeros(0, network.embed.in_features)]
    for start in range(0, len(pixels), TOGETHER):
        some = slice(start, start + TOGETHER)
        x, about = exposed(pixels[some]), roughly(focus[some], rng)
        rows.append(torch.stack([network.head(heads(x, moved(about, cut))).flatten(1) for cut in CUTS]).mean(0))
    return torch.cat(rows)


def _principal(centred: Tensor) -> Tensor:
    """The directions (f, k) along which rows (N, f) differ most, the best last.

    In double precision: in single some processors' libraries give up on matrices with many zeros. Of few rows the
    small matrix of products is solved, which has the same directions.
    """
    rows = centred.double()
    few = len(rows) < rows.shape[1]
    values, axes = torch.linalg.eigh(rows @ rows.T if few else rows.T @ rows)
    kept = (values > values[-1] * 1e-12).nonzero().flatten()[-min(COMPONENTS, len(rows) - 1) :]
    axes = rows.T @ axes[:, kept] if few else axes[:, kept]
    return torch.nn.functional.normalize(axes, dim=0).to(centred.dtype)


def directions(
    rows: Tensor, owner: Tensor, families: Tensor, most: int, everybody: float = EVERYBODY
) -> Tensor:
    """Up to `most` directions (k, d) that tell the owners of rows (N, k) apart, the best last, scaled by their worth.

    `families`: per owner, the same number for those whom words cannot tell apart. `everybody`: see `EVERYBODY`.
    """
    rows = rows.double()
    counts = torch.bincount(owner).double()
    means = torch.zeros(len(counts), rows.shape[1], dtype=torch.float64).index_add_(0, owner, rows) / counts[:, None]
    own = rows - means[owner]
    within = own.T @ own / (len(rows) - len(counts))
    between = _between(means, counts, families, within, everybody)
    within = (1 - SHRINK) * within + SHRINK * torch.eye(len(within), dtype=torch.float64) * within.diagonal().mean()
    values, axes = torch.linalg.eigh(within)
    white = axes / values.sqrt()
    ratios, axes = torch.linalg.eigh(white.T @ between @ white)
    ratios, axes = ratios[-most:].clamp_min(0), axes[:, -most:]
    scaled: Tensor = white @ axes * (ratios / (1 + ratios)).sqrt()
    return scaled.float()


def _between(means: Tensor, counts: Tensor, families: Tensor, within: Tensor, weight: float) -> Tensor:
    """Scatter (k, k) of people's means (P, k), mostly of look-alikes about their family's mean where there are some.

    The means of few pictures differ for the pictures' sake too; that much of their scatter is not the people's.
    """
    everybody = torch.cov(means.T) - within * (1 / counts).mean()
    _, family, sizes = torch.unique(families, return_inverse=True, return_counts=True)
    kin = sizes[family] > 1
    if not kin.any():
        return everybody
    middles = torch.zeros(len(sizes), means.shape[1], dtype=means.dtype).index_add_(0, family, means) / sizes[:, None]
    apart = (means - middles[family])[kin]
    alike = apart.T @ apart / int((sizes[sizes > 1] - 1).sum()) - within * (1 / counts[kin]).mean()
    mostly_alike: Tensor = alike + weight * everybody
    return mostly_alike
