"""Writes what Transformers' logits processors keep of random scores, and with which probability.

    python engine/src/test/python/sampling_golden.py
"""

import json
import pathlib

import torch
from transformers import LogitsProcessorList
from transformers.generation import logits_process as lp

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources/goldens/sampling.jsonl"
VOCAB = 96


def cases():
    generator = torch.Generator().manual_seed(7)
    for i in range(48):
        pick = lambda *values: values[int(torch.randint(0, len(values), (1,), generator=generator))]
        yield {
            "logits": (4 * torch.randn(VOCAB, generator=generator)).half().float().tolist(),
            "seen": torch.randint(0, VOCAB, (12,), generator=generator).tolist(),
            "temperature": pick(0.3, 0.6, 0.7, 1.0, 1.5),
            "top_k": pick(0, 1, 5, 20, 64),
            "top_p": pick(0.1, 0.8, 0.95, 1.0),
            "min_p": pick(0.0, 0.0, 0.05, 0.3),
            "repetition_penalty": pick(1.0, 1.0, 1.3, 0.8),
        }


def expected(case):
    processors = LogitsProcessorList()
    if case["repetition_penalty"] != 1:
        processors.append(lp.RepetitionPenaltyLogitsProcessor(case["repetition_penalty"]))
    processors.append(lp.TemperatureLogitsWarper(case["temperature"]))
    if case["top_k"]:
        processors.append(lp.TopKLogitsWarper(case["top_k"]))
    if case["top_p"] < 1:
        processors.append(lp.TopPLogitsWarper(case["top_p"]))
    if case["min_p"]:
        processors.append(lp.MinPLogitsWarper(case["min_p"]))
    scores = processors(torch.tensor([case["seen"]]), torch.tensor([case["logits"]]))
    probabilities = torch.softmax(scores.double(), -1)[0]
    return {i: p for i, p in enumerate(probabilities.tolist()) if p > 0}


OUT.write_text("".join(json.dumps({**c, "expected": expected(c)}) + "\n" for c in cases()))
