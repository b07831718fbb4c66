"""Writes a GGUF file with a tensor of each type that can be read, and what its numbers are.

Needs gguf (gguf-py 0.19), numpy and safetensors; the build does not. Run from the project's root:

    python engine/src/test/python/gguf_golden.py

Both come from gguf-py: the file from its writer, with a metadata value of each type, and the
numbers from its `quants.dequantize`. The bytes of a block are random but for its half-precision
scales, which are finite: ordinary, subnormal, negative or zero.
"""

import pathlib

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFValueType as Value
from safetensors.numpy import save_file

ROOT = pathlib.Path(__file__).resolve().parents[4]
OUT = ROOT / "engine/src/test/resources/goldens/gguf"
ROWS, WIDTH = 3, 512

# Where the half-precision numbers of a block stand.
SCALES = {
    Type.F16: [0],
    Type.Q4_0: [0],
    Type.Q4_1: [0, 2],
    Type.Q5_0: [0],
    Type.Q5_1: [0, 2],
    Type.Q8_0: [0],
    Type.Q2_K: [80, 82],
    Type.Q3_K: [108],
    Type.Q4_K: [0, 2],
    Type.Q5_K: [0, 2],
    Type.Q6_K: [208],
}


def halves(random, count):
    numbers = random.normal(0, 0.02, count).astype(np.float16)
    kinds = random.integers(0, 12, count)
    numbers[kinds == 0] = np.float16(6e-6)
    numbers[kinds == 1] = np.float16(-6e-8)
    numbers[kinds == 2] = np.float16(-0.0)
    numbers[kinds == 3] = np.float16(60000)
    return numbers


def blocks(random, kind):
    if kind == Type.F32:
        return random.normal(0, 1, (ROWS, WIDTH)).astype(np.float32)
    if kind == Type.BF16:
        numbers = random.normal(0, 1, (ROWS, WIDTH)).astype(np.float32)
        return gguf.quants.quantize(numbers, kind)
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    count = ROWS * WIDTH // numbers
    raw = random.integers(0, 256, (count, size), dtype=np.uint8)
    for at in SCALES[kind]:
        raw[:, at : at + 2] = halves(random, count).view(np.uint8).reshape(count, 2)
    return raw.reshape(ROWS, -1)


def main():
    random = np.random.default_rng(20251122)
    OUT.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(OUT / "types.gguf", "golden")
    for name, kind, value in [
        ("uint8", Value.UINT8, 200),
        ("int8", Value.INT8, -100),
        ("uint16", Value.UINT16, 60_000),
        ("int16", Value.INT16, -30_000),
        ("uint32", Value.UINT32, 4_000_000_000),
        ("int32", Value.INT32, -2_000_000_000),
        ("uint64", Value.UINT64, 9_000_000_000_000_000_000),
        ("int64", Value.INT64, -9_000_000_000_000_000_000),
        ("float32", Value.FLOAT32, 1e-6),
        ("float64", Value.FLOAT64, 1e-300),
        ("yes", Value.BOOL, True),
        ("no", Value.BOOL, False),
        ("text", Value.STRING, "Grüße, 世界 🙂"),
        ("empty", Value.STRING, ""),
    ]:
        writer.add_key_value("value." + name, value, kind)
    writer.add_array("list.numbers", [3, 1, 2])
    writer.add_array("list.floats", [0.5, -0.25])
    writer.add_array("list.texts", ["a", "", "ü"])
    writer.add_array("list.flags", [True, False])
    writer.add_array("list.lists", [[1, 2], [3]])
    expected = {}
    for kind in [Type.F32, Type.BF16, *SCALES]:
        data = blocks(random, kind)
        if kind in (Type.F32, Type.BF16):
            shaped = data
        elif kind == Type.F16:
            shaped = data = data.view(np.float16).reshape(ROWS, WIDTH)
        else:
            shaped = data
        raw = None if kind in (Type.F32, Type.F16) else kind
        writer.add_tensor(kind.name, shaped, raw_dtype=raw)
        expected[kind.name] = np.ascontiguousarray(gguf.quants.dequantize(data, kind)).reshape(
            ROWS, WIDTH
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, OUT / "model.safetensors")


if __name__ == "__main__":
    main()
