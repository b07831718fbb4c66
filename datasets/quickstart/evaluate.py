"""Scores the trained folder with transformers in float32, on the problems it has not seen.

    python evaluate.py [--data DIR] [--samples N] [--seed N] [--threads N]

Prints avg@N under the sampling of generation_config.json and the accuracy of greedy decoding.
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from families import INSTRUCTION

BOXED = re.compile(r"\\boxed\{(\d+)\}")
NEW_TOKENS = 256
BATCH = 216


def answer(completion):
    """The last boxed integer after the reasoning, or None."""
    _, closed, conclusion = completion.rpartition("</think>")
    found = BOXED.findall(conclusion) if closed else []
    return int(found[-1]) if found else None


def complete(model, tokenizer, problems, sampled):
    """One completion for each problem, batched by a common left padding."""
    prompts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": f"{problem}\n{INSTRUCTION}"}],
            tokenize=False,
            add_generation_prompt=True,
        )
        for problem in problems
    ]
    completions = []
    for i in range(0, len(prompts), BATCH):
        inputs = tokenizer(
            prompts[i:i + BATCH], return_tensors="pt", padding=True, padding_side="left"
        )
        how = {} if sampled else {"temperature": None, "top_p": None, "top_k": None}
        with torch.inference_mode():
            tokens = model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=NEW_TOKENS,
                do_sample=sampled,
                **how,
            )
        completions += tokenizer.batch_decode(
            tokens[:, inputs["input_ids"].shape[1]:], skip_special_tokens=True
        )
    return completions


def report(name, rows, completions):
    right = defaultdict(list)
    for row, completion in zip(rows, completions):
        correct = answer(completion) == int(row["expected_answer"])
        right[row["family"]].append(correct)
        if not correct:
            print(f"wrong: {row['id']} ({row['expected_answer']}): {completion[-300:]!r}")
    total = [correct for family in right.values() for correct in family]
    print(f"{name}: {sum(total) / len(total):.4f} of {len(total)}")
    for family, values in right.items():
        print(f"    {family}: {sum(values) / len(values):.4f} of {len(values)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    lines = (options.data / "problems.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    tokenizer = AutoTokenizer.from_pretrained(options.data / "model")
    model = AutoModelForCausalLM.from_pretrained(options.data / "model", dtype=torch.float32)

    problems = [row["problem"] for row in rows]
    report("greedy", rows, complete(model, tokenizer, problems, sampled=False))
    repeated = rows * options.samples
    sampled = complete(model, tokenizer, [row["problem"] for row in repeated], sampled=True)
    report(f"avg@{options.samples}", repeated, sampled)
    lengths = sorted(len(ids) for ids in tokenizer(sampled)["input_ids"])
    middle = lengths[len(lengths) // 2]
    print(f"completion tokens: least {lengths[0]}, median {middle}, most {lengths[-1]}")


if __name__ == "__main__":
    main()
