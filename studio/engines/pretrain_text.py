"""The text stage: a tokenizer of the captions' own words and a transformer that learns to read them."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import Captioned, rows_of_step
from studio.engines.chance import generator
from studio.engines.device import bf16_arithmetic
from studio.engines.pretrain_samples import Sample
from studio.files import whole_folder

END_OF_WORD = "</w>"
START, END = "<|startoftext|>", "<|endoftext|>"
PIECES = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def learn_tokenizer(captions: Sequence[str], vocabulary: int = 1200, longest: int = 56) -> CLIPTokenizer:
    """A CLIP-compatible byte-pair tokenizer of at most `vocabulary` tokens learned from the captions."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=END_OF_WORD))
    learner.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=max(vocabulary - 2 - len(alphabet), len(alphabet) + 1), initial_alphabet=alphabet,
        end_of_word_suffix=END_OF_WORD, show_progress=False,
    )  # fmt: skip
    learner.train_from_iterator(captions, trainer)
    with tempfile.TemporaryDirectory() as folder:
        _, merges_file = learner.model.save(folder)
        lines = Path(merges_file).read_text("utf-8").splitlines()
    merges = [(left, right) for left, right in (line.split(" ") for line in lines if not line.startswith("#version"))]
    tokens = [*alphabet, *(letter + END_OF_WORD for letter in alphabet)]
    tokens += dict.fromkeys(left + right for left, right in merges if left + right not in set(tokens))
    numbers = {token: number for number, token in enumerate([*tokens, START, END])}
    return CLIPTokenizer(vocab=numbers, merges=merges, model_max_length=longest)


def new_text_encoder(tokenizer: CLIPTokenizer, width: int = 256, layers: int = 4) -> CLIPTextModel:
    """An untrained CLIP text transformer for the tokenizer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=width, intermediate_size=3 * width, num_hidden_layers=layers,
            num_attention_heads=4, max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, projection_dim=width, hidden_act="gelu",
        )
    )  # fmt: skip


class Reader(nn.Module):
    """The text transformer with what teaches it: the next token, and attributes where a dataset knows them.

    One learned query per attribute attends over the last hidden states, exactly as a denoiser's cross-attention
    will, and must find the attribute there.
    """

    def __init__(self, encoder: CLIPTextModel, labels: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.next_token = nn.Linear(width, encoder.config.vocab_size)
        self.queries = nn.Parameter(torch.randn(len(labels), width) * 0.06)
        self.keys = nn.Linear(width, width)
        self.readouts = nn.ModuleList(nn.Linear(width, len(values)) for values in labels.values())

    def forward(self, tokens: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits of the next token (n, t, v) and of every attribute (n, labels)."""
        hidden = self.encoder(tokens).last_hidden_state
        attention = torch.softmax(torch.einsum("kd,btd->bkt", self.queries, self.keys(hidden)) * 0.5, dim=-1)
        read = torch.einsum("bkt,btd->bkd", attention, hidden)
        return self.next_token(hidden), [layer(read[:, number]) for number, layer in enumerate(self.readouts)]


class TextStage:
    """Teaches a reader on captions."""

    plain_layers: tuple[str, ...] = ("embedding", "next_token", "queries", "readouts", "keys")

    def __init__(
        self, spec: PretrainSpec, tokenizer: CLIPTokenizer, encoder: CLIPTextModel, train: Captioned,
        held_out: Captioned,
    ) -> None:  # fmt: skip
        self.spec, self.tokenizer, self.train, self.held_out = spec, tokenizer, train, held_out
        self.written = written(tokenizer, train)
        names = sorted({name for known in train.attributes for name in known})
        self.labels = {
            name: tuple(sorted({known[name] for known in train.attributes if name in known})) for name in names
        }
        self.network: nn.Module = Reader(encoder, self.labels)
        self.encoder = encoder

    def loss(self, step: int) -> Tensor:
        """Cross-entropy of the next token, plus the mean over the attributes the captions' pictures have."""
        chance = generator(self.spec.seed, "text", step)
        rows = rows_of_step(len(self.train), self.spec.batch_size, self.spec.seed, "text", step)
        words = self.written.chosen(rows, chance).to(self.encoder.device)
        with bf16_arithmetic(self.encoder.device, self.spec.precision):
            following, read = self.network(words)
        return self._next(following, words) + self._attributes(read, self.train, rows)

    def measure(self) -> Mapping[str, float]:
        """Held-out cross-entropy of the next token, and the share of attributes read rightly."""
        rows = torch.arange(min(400, len(self.held_out)))
        texts = [self.held_out.captions[row][0] for row in rows.tolist()]
        words = tokens(self.tokenizer, texts).to(self.encoder.device)
        following, read = self.network(words)
        numbers = {"next_token": float(self._next(following, words))}
        right = total = 0
        for name, logits in zip(self.labels, read, strict=True):
            target = self._targets(name, self.held_out, rows)
            right += int(((logits.argmax(-1) == target) & (target >= 0)).sum())
            total += int((target >= 0).sum())
        return numbers | ({"attributes_read": right / total} if total else {})

    def samples(self) -> list[Sample]:
        """A reader draws nothing."""
        return []

    def export(self, folder: Path) -> None:
        """Write the tokenizer beside `folder`, then the encoder: where a reader is, so is what parts its words."""
        with whole_folder(folder.with_name("tokenizer")) as beside:
            self.tokenizer.save_pretrained(beside)
        self.encoder.save_pretrained(folder)

    def _next(self, logits: Tensor, words: Tensor) -> Tensor:
        target = words[:, 1:].clone()
        ends = (target == self.tokenizer.eos_token_id).cumsum(1) > 1
        target[ends] = -100
        return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), target.flatten(), ignore_index=-100)

    def _attributes(self, read: Sequence[Tensor], data: Captioned, rows: Tensor) -> Tensor:
        total = torch.zeros((), device=self.encoder.device)
        for name, logits in zip(self.labels, read, strict=True):
            target = self._targets(name, data, rows)
            if bool((target >= 0).any()):
                total = total + F.cross_entropy(logits.float(), target, ignore_index=-100)
        return total

    def _targets(self, name: str, data: Captioned, rows: Tensor) -> Tensor:
        """Label numbers of an attribute; -100 where the wording need not tell it."""
        values = self.labels[name]
        found = [data.attributes[row].get(name) for row in rows.tolist()]
        numbers = [values.index(value) if value in values else -100 for value in found]
        return torch.tensor(numbers, device=self.encoder.device)


def tokens(tokenizer: CLIPTokenizer, texts: Sequence[str]) -> Tensor:
    """Token numbers (n, t), padded and cut to the longest prompt."""
    longest = tokenizer.model_max_length
    read = tokenizer(list(texts), padding="max_length", max_length=longest, truncation=True, return_tensors="pt")
    found: Tensor = read.input_ids
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """Token numbers (w, t) of every wording of a dataset's captions, picture by picture.

    `first` and `count` (n,): where a picture's wordings begin, and how many it has.
    """

    tokens: Tensor
    first: Tensor
    count: Tensor

    def chosen(self, rows: Tensor, chance: torch.Generator) -> Tensor:
        """Token numbers (len(rows), t) of one wording of each row's captions."""
        luck = torch.rand(len(rows), generator=chance)
        return self.tokens[self.first[rows] + (luck * self.count[rows]).long()].long()


def written(tokenizer: CLIPTokenizer, data: Captioned) -> Written:
    """Every wording cut into tokens once: in each step of a training it would take longer than a fast card computes."""
    count = torch.tensor([len(wordings) for wordings in data.captions])
    every = tokens(tokenizer, [text for wordings in data.captions for text in wordings]).int()
    return Written(every, count.cumsum(0) - count, count)
