#!/usr/bin/env python3
"""What bench/gpu/run.sh asks of PyTorch and Transformers, on the same device as the engine.

  peer.py about      --device D                                           versions and the device's name
  peer.py rates      --device D [--seconds N]                             copy bandwidth, rates of matrix products
  peer.py greedy     --device D --texts FILE                              greedy tokens in bfloat16
  peer.py throughput --device D --config FILE --rows FILE --seconds N     generate_batch, random weights

Each writes one JSON object to --json FILE.
"""
import argparse
import gc
import json
import logging
import os
import time

# Importing PyTorch and Transformers takes part of the time, too.
BEGUN = time.perf_counter()
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402

# Tokens of a trial, which tells how long a row takes.
TRIAL = 16
# Steps at the least in what is measured; fewer tell nothing.
LEAST = 24
# The fastest first. Flash attention comes with packages that may not be there.
ATTENTIONS = ["flash_attention_3", "flash_attention_2", "paged|sdpa"]


def wait(device):
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def about(args):
    import transformers

    card = {}
    if args.device.startswith("cuda"):
        properties = torch.cuda.get_device_properties(args.device)
        card = {
            "capability": "%d.%d" % (properties.major, properties.minor),
            "memory_bytes": properties.total_memory,
            "multiprocessors": properties.multi_processor_count,
        }
        name = properties.name
    else:
        name = "CPU, %d threads" % torch.get_num_threads()
    return {"name": name, "torch": torch.__version__, "transformers": transformers.__version__, **card}


def seconds_of(work, device, budget):
    """The least time of one call, out of as many as fit into the budget."""
    for _ in range(2):
        work()
    wait(device)
    best, end = float("inf"), time.perf_counter() + budget
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(4):
            work()
        wait(device)
        best = min(best, (time.perf_counter() - start) / 4)
    return best


def rates(args):
    device, large = args.device, args.device.startswith("cuda")
    n = 8192 if large else 512
    operations = 2.0 * n**3
    floats = lambda dtype: torch.randn(n, n, device=device).to(dtype)
    scale = torch.ones((), device=device)

    def copy():
        source = torch.ones(2**30 if large else 2**24, dtype=torch.uint8, device=device)
        target = torch.empty_like(source)
        # Read once and written once.
        return 2.0 * source.numel(), lambda: target.copy_(source)

    def product(dtype):
        a, b = floats(dtype), floats(dtype).t()
        return operations, lambda: torch.matmul(a, b)

    def fp8():
        a, b = floats(torch.float8_e4m3fn), floats(torch.float8_e4m3fn).t()
        return operations, lambda: torch._scaled_mm(
            a, b, scale_a=scale, scale_b=scale, out_dtype=torch.bfloat16, use_fast_accum=True
        )

    def int8():
        a, b = (torch.randint(-128, 128, (n, n), dtype=torch.int8, device=device) for _ in range(2))
        return operations, lambda: torch._int_mm(a, b.t())

    measured = {
        "copy_bytes_per_s": copy,
        "bfloat16_op_per_s": lambda: product(torch.bfloat16),
        "fp8_op_per_s": fp8,
        "int8_op_per_s": int8,
    }
    result, failures = {"matrix": n}, {}
    for name, make in measured.items():
        try:
            amount, work = make()
            result[name] = amount / seconds_of(work, device, args.seconds / len(measured))
        except Exception as e:  # What a device cannot do is left out, and said.
            failures[name] = str(e).splitlines()[0]
    return {**result, "failures": failures}


def greedy(args):
    """Continues prompts of several models: [{"name", "model", "tokens", "prompts"}]."""
    from transformers import AutoModelForCausalLM

    results = []
    with open(args.texts) as file:
        tasks = json.load(file)
    for task in tasks:
        model = AutoModelForCausalLM.from_pretrained(task["model"], dtype=torch.bfloat16).to(args.device).eval()
        outputs = []
        results.append({"name": task["name"], "outputs": outputs})
        for prompt in task["prompts"]:
            ids = torch.tensor([prompt], device=args.device)
            with torch.inference_mode():
                out = model.generate(
                    ids,
                    attention_mask=torch.ones_like(ids),
                    do_sample=False,
                    max_new_tokens=task["tokens"],
                    min_new_tokens=task["tokens"],
                    eos_token_id=None,
                    pad_token_id=0,
                )
            outputs.append(out[0, len(prompt) :].tolist())
            # Whatever happens afterwards, this much is there.
            save(args, {"models": results})
        del model
    return {"models": results}


class Complaints(logging.Handler):
    """What generate_batch says of failures, which it does not raise."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        reason = record.exc_info[1] if record.exc_info else None
        self.lines.append(record.getMessage() if reason is None else repr(reason))

    def take(self):
        lines, self.lines = self.lines, []
        return "; ".join(lines[:3])


def save(args, result):
    with open(args.json + ".part", "w") as file:
        json.dump(result, file)
    os.replace(args.json + ".part", args.json)


def throughput(args):
    from transformers import AutoConfig, AutoModelForCausalLM, ContinuousBatchingConfig, GenerationConfig

    end = BEGUN + args.seconds
    with open(args.rows) as file:
        rows = json.load(file)
    complaints = Complaints()
    logging.getLogger("ContinuousBatchingLogger").addHandler(complaints)
    config = AutoConfig.from_pretrained(args.config)
    torch.manual_seed(1)
    batching = ContinuousBatchingConfig()
    if not args.device.startswith("cuda"):
        # By itself it would take nine tenths of the host's memory.
        batching = ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=512)
    with torch.device(args.device):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model = model.to(args.device).eval()

    def run(samples, tokens_in, tokens_out):
        prompts = torch.randint(0, 512, (samples, tokens_in)).tolist()
        settings = GenerationConfig(
            do_sample=False, max_new_tokens=tokens_out, eos_token_id=-1, pad_token_id=0
        )
        complaints.take()
        done = model.generate_batch(
            prompts, generation_config=settings, continuous_batching_config=batching, record_timestamps=True
        )
        done = list(done.values())
        wrong = [r.error for r in done if r.error or len(r.generated_tokens) != tokens_out]
        if len(done) != samples or wrong:
            raise RuntimeError(
                "%d of %d requests came back whole; %s %s"
                % (len(done) - len(wrong), samples, wrong[:1], complaints.take())
            )
        times = sorted(t for r in done for t in r.timestamps)
        # Without the time in which it takes memory and prepares itself.
        return {
            "seconds": times[-1] - min(r.created_time for r in done),
            "first": max(r.timestamps[0] for r in done),
            "last": times[-1],
        }

    def forget():
        """Gives back what a failure may hold."""
        gc.collect()
        if args.device.startswith("cuda"):
            torch.cuda.empty_cache()

    refused = []
    for attention in ATTENTIONS:
        try:
            model.set_attn_implementation(attention)
            run(2, 16, 8)
            break
        except Exception as e:
            refused.append("%s: %s" % (attention, repr(e)[:300]))
            forget()
    else:
        names = [row["name"] for row in rows]
        return {"results": [], "failures": {"warm-up": "; ".join(refused)}, "left_out": names}
    report = {"attention": attention, "refused": refused, "results": [], "failures": {}, "left_out": []}
    weights = [row["weight"] for row in rows]
    for i, row in enumerate(rows):
        start = time.perf_counter()
        share = (end - start) * weights[i] / sum(weights[i:])
        if share <= 0:
            report["left_out"].append(row["name"])
            continue
        try:
            trial = run(row["samples"], row["input"], TRIAL)
            used = time.perf_counter() - start
            step = max((trial["last"] - trial["first"]) / (TRIAL - 1), 1e-6)
            # The second run takes as long to begin as the first did.
            outputs = min(row["output"], int((share - 2 * used) / step) + TRIAL)
            if outputs < LEAST:
                report["left_out"].append(row["name"])
            else:
                measured = run(row["samples"], row["input"], outputs)
                report["results"].append(
                    {
                        "name": row["name"],
                        "seconds": measured["seconds"],
                        "tokens": row["samples"] * outputs,
                        "output": outputs,
                        "attention": attention,
                    }
                )
        except Exception as e:
            report["failures"][row["name"]] = repr(e)
            forget()
        # Whatever happens afterwards, this much is there.
        save(args, report)
    return report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["about", "rates", "greedy", "throughput"])
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--json", required=True)
    parser.add_argument("--texts")
    parser.add_argument("--config")
    parser.add_argument("--rows")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    if args.device.startswith("cuda"):
        torch.cuda.set_device(args.device)
    save(args, globals()[args.task](args))


if __name__ == "__main__":
    main()
