"""Fit the encoder on annotated papers; writes .cache/encoder-without-FOLDS/ (tokenizer.json, encoder.onnx in 8 bits).

    python training/fit_encoder.py [--leave-out FOLDS] [--epochs N] [--pretrained] [--labelled]

`--leave-out 0` leaves out the development part, `012` also two of the other four fifths (see cross_fit.py). It starts
from MiniLM, or from what pretrain_encoder.py made of it (`--pretrained`); `--labelled` adds the papers of
label_papers.py.
"""

from __future__ import annotations

import argparse
import pickle
import random
from pathlib import Path
from typing import Any

import onnx
import torch
from corpora import CACHE, annotated, fold
from encoder_net import Example, Net, gold_example, loss_of, optimise, pretrained_folder, shuffled_batches, tokenizer
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

INPUTS = ("pieces", "starts", "ends", "widths")
LAST = ["/terms/Gemm_MatMul", "/roles/Gemm_MatMul"]


class Places(nn.Module):
    """What is exported: the logits of the places of one text."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, pieces: Any, starts: Any, ends: Any, widths: Any) -> tuple[Any, Any]:
        """The logits of classes and roles, side by side, and the vectors of the word pieces."""
        vectors = self.net.vectors(pieces)
        hidden = self.net.places(vectors, torch.zeros_like(starts), starts, ends, widths)
        return torch.cat([self.net.terms(hidden), self.net.roles(hidden)], 1), vectors[0]


def train(leave_out: str, epochs: int, rate: float, pretrained: bool, more: list[Example], seed: int = 0) -> Net:
    """Fit on the annotated papers outside some folds; in the first half also on others, each once."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    examples = [gold_example(row) for row in annotated() if str(fold(row["id"])) not in leave_out]
    print(len(examples), "papers")
    net = Net()
    if pretrained:
        net.bert.load_state_dict(torch.load(CACHE / "encoder-pretrained.pt"))
    batches = []
    for epoch in range(epochs):
        others = more[epoch :: epochs // 2] if epoch < epochs // 2 else []
        batches += shuffled_batches([*examples, *others], lambda one: len(one.window.pieces), 2200, chance)
    optimise(net, batches, loss_of, rate, 5 * rate)
    return net.eval()


def export(net: Net, folder: Path) -> None:
    """Write the network as ONNX with weights in 8 bits (dynamic quantisation), and its word pieces."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer().save(str(folder / "tokenizer.json"))
    example = (torch.arange(1000, 1037)[None], *([torch.arange(1, 6)] * 3))
    axes = {"pieces": {1: "pieces"}, "starts": {0: "places"}, "ends": {0: "places"}, "widths": {0: "places"}}
    full = folder / "full.onnx"
    torch.onnx.export(
        Places(net).eval(), example, str(full), input_names=list(INPUTS), output_names=["logits", "vectors"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    # The last layers stay as they are: rounded together, the logits of a place would depend on the other places.
    quantize_dynamic(
        full, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=LAST
    )
    full.unlink()
    onnx.checker.check_model(str(folder / "encoder.onnx"))
    export_pairs(net, folder / "pairs.onnx")
    print(folder, (folder / "encoder.onnx").stat().st_size, "bytes")


def export_pairs(net: Net, path: Path) -> None:
    """Write the layers that judge pairs of entities."""
    size = net.bert.config.hidden_size
    example = (torch.rand(9, size), torch.rand(3, 9), *(torch.arange(n) for n in (3, 3, 2, 2)))
    names = ("vectors", "shares", "labels", "roles", "sources", "targets")
    axes = {"vectors": {0: "pieces"}, "shares": {0: "entities", 1: "pieces"}, "labels": {0: "entities"}}
    axes |= {"roles": {0: "entities"}, "sources": {0: "pairs"}, "targets": {0: "pairs"}}
    torch.onnx.export(
        net.pairs.eval(), example, str(path), input_names=list(names), output_names=["logits"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip


def main() -> None:
    """Parse the arguments, train, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave-out", default="0", help="digits of the folds that are left out")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--pretrained", action="store_true", help="start from what pretrain_encoder.py wrote")
    parser.add_argument("--labelled", action="store_true", help="also the papers of label_papers.py")
    args = parser.parse_args()
    pretrained_folder()
    more = pickle.loads((CACHE / "labelled.pkl").read_bytes()) if args.labelled else []
    net = train(args.leave_out, args.epochs, args.rate, args.pretrained, more)
    name = f"encoder-without-{args.leave_out}" + "-pretrained" * args.pretrained + "-labelled" * args.labelled
    export(net, CACHE / name)


if __name__ == "__main__":
    main()
