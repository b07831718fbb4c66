"""Writes what Transformers computes in bfloat16 for the models and prompts of make_goldens.py.

Needs torch, transformers and safetensors (see requirements.txt); the build does not. Run from the
project's root, after make_goldens.py:

    python engine/src/test/python/bfloat16_goldens.py [NAME ...]

For each model it saves the logits of the first prompt and, for every prompt, its greedy continuation
and how far the best token is ahead of the second one at each step: where that is little, two ways of
rounding may choose differently.

Made with Transformers 5.23.0 and PyTorch 2.15.0 on a CPU.
"""

import json
import sys

import torch
import transformers
from make_goldens import MODELS, OUT, ROOT, STEPS
from safetensors.torch import save_file


def folder_of(name):
    return ROOT / "datasets/quickstart/model" if name == "quickstart" else OUT / name / "model"


@torch.no_grad()
def greedy(model, prompt):
    out = model(torch.tensor([prompt]), use_cache=True)
    prefill = out.logits[0].contiguous()
    tokens, leads = [], []
    last = prefill[-1]
    for _ in range(STEPS):
        best = last.float().topk(2).values
        leads.append(round(float(best[0] - best[1]), 4))
        tokens.append(int(last.argmax()))
        out = model(torch.tensor([tokens[-1:]]), past_key_values=out.past_key_values, use_cache=True)
        last = out.logits[0, -1]
    return prefill, tokens, leads


def main(names):
    torch.set_num_threads(1)
    for name in ["quickstart", *MODELS]:
        if names and name not in names:
            continue
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder_of(name), dtype=torch.bfloat16
        ).eval()
        lines = []
        for i, line in enumerate((OUT / name / "greedy.jsonl").read_text().splitlines()):
            prefill, tokens, leads = greedy(model, json.loads(line)["prompt"])
            lines.append(json.dumps({"greedy": tokens, "leads": leads}) + "\n")
            if i == 0:
                (OUT / name / "bfloat16").mkdir(exist_ok=True)
                save_file({"prefill": prefill}, OUT / name / "bfloat16/model.safetensors")
        (OUT / name / "bfloat16/greedy.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
