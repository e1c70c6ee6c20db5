"""Teach the encoder what terms are by other guidelines, before it learns ours; writes .cache/encoder-pretrained.pt.

    python training/pretrain_encoder.py

One pass over CS-NER, SciERC, SciREX (the first 660 words of each paper) and TDMSci: each word gets the BIO label of its
own corpus (every second sentence of CS-NER: more did not lower the loss). The layer
that gives these labels is thrown away. About ten minutes on two cores.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from corpora import CACHE, Row, is_held_out, read_rows, shared
from encoder_net import Net, optimise, pad, shuffled_batches, tokenizer
from torch import nn
from torch.nn import functional as F

CORPORA = ("cs-ner", "scierc-train", "scirex-train", "tdmsci-train")
EVERY = {"cs-ner": 2}  # more of it did not lower the loss
WORDS = 330  # of a long paper at a time
PIECES = 512
NO_LABEL = -100
OUT = CACHE / "encoder-pretrained.pt"


@dataclass(frozen=True, slots=True)
class Sequence:
    """Words with the labels of one corpus."""

    corpus: int
    pieces: list[int]
    labels: list[int]


class Tagger(nn.Module):
    """The encoder with a layer that labels word pieces; a corpus can have its own labels only."""

    def __init__(self, labels: dict[tuple[int, str], int]) -> None:
        super().__init__()
        self.bert = Net().bert
        self.head = nn.Linear(self.bert.config.hidden_size, len(labels))
        allowed = torch.full((len(CORPORA), len(labels)), -1e4)
        for (corpus, _), label in labels.items():
            allowed[corpus, label] = 0.0
        self.register_buffer("allowed", allowed)


def annotated_words() -> Iterator[tuple[int, list[str], list[list[Any]]]]:
    """The number of the corpus, words, and terms as [start, end, label]."""
    for number, corpus in enumerate(CORPORA):
        rows = read_rows(shared(f"data/{corpus}.jsonl.gz"))
        for row in islice(rows, 0, None, EVERY.get(corpus, 1)):
            if any(is_held_out(" ".join(sentence)) for sentence in sentences_of(row)):
                continue
            words = [word for sentence in sentences_of(row) for word in sentence]
            for begin in range(0, min(len(words), 2 * WORDS), WORDS):
                end = begin + WORDS
                inside = [[s - begin, e - begin, label] for s, e, label in row["ner"] if begin <= s and e <= end]
                yield number, words[begin:end], inside


def sentences_of(row: Row) -> list[list[str]]:
    """The sentences of a row of any of the corpora, as words."""
    return [row["tokens"]] if "tokens" in row else row["sentences"]


def bio(words: list[str], terms: list[list[Any]]) -> list[str]:
    """A label for each word; of terms that overlap the longest counts."""
    labels = ["O"] * len(words)
    for start, end, label in sorted(terms, key=lambda term: term[0] - term[1]):
        if all(labels[i] == "O" for i in range(start, end)):
            labels[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return labels


def read_sequences() -> tuple[list[Sequence], dict[tuple[int, str], int]]:
    """All sequences, and the number of each label of each corpus; only the first piece of a word is labelled."""
    numbers: dict[tuple[int, str], int] = {}
    found = []
    for corpus, words, terms in annotated_words():
        encoding = tokenizer().encode(words, is_pretokenized=True)
        named = bio(words, terms)
        labels, before = [], None
        for word in encoding.word_ids[:PIECES]:
            fresh = word is not None and word != before
            labels.append(numbers.setdefault((corpus, named[word]), len(numbers)) if fresh else NO_LABEL)
            before = word
        found.append(Sequence(corpus, encoding.ids[:PIECES], labels))
    return found, numbers


def loss_of(net: Tagger, batch: list[Sequence]) -> Any:
    """The cross-entropy of the labels."""
    pieces, mask = pad([one.pieces for one in batch]), pad([[1] * len(one.pieces) for one in batch])
    vectors = net.bert(input_ids=pieces, attention_mask=mask).last_hidden_state
    logits = net.head(vectors).float() + net.allowed[[one.corpus for one in batch]][:, None]
    return F.cross_entropy(logits.flatten(0, 1), pad([one.labels for one in batch], NO_LABEL).flatten())


def main() -> None:
    """Train, write."""
    torch.manual_seed(0)
    sequences, labels = read_sequences()
    print(len(sequences), "sequences", len(labels), "labels")
    net = Tagger(labels)
    batches = shuffled_batches(sequences, lambda one: len(one.pieces), 1800, random.Random(0))
    optimise(net, list(batches), loss_of, 3e-4, 1e-3)
    OUT.parent.mkdir(exist_ok=True)
    torch.save(net.bert.state_dict(), OUT)


if __name__ == "__main__":
    main()
