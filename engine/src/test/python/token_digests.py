"""Digests of what Hugging Face's tokenizers makes of 100,000 strings.

usage: token_digests.py TOKENIZER_JSON > ../resources/goldens/tokens/NAME.json

Made with tokenizers 0.23.3. TokenCorpus.java makes the very same strings from the same parts
(token_parts.json) and the same numbers: those of a linear congruential generator (Knuth, MMIX).
A line of the result holds, for each thousand of the strings, the SHA-256 of

- ids: for each string, the number of its tokens and the tokens, int32, little-endian;
- texts: for each string, what its tokens decode to with special tokens and without, each as its
  length in bytes (int32, little-endian) and its UTF-8.
"""

import hashlib
import json
import pathlib
import struct
import sys

from tokenizers import Tokenizer

COUNT = 100_000
BLOCK = 1000
MASK = (1 << 64) - 1
PARTS = json.loads(
    (pathlib.Path(__file__).parents[1] / "resources/goldens/token_parts.json").read_text("utf-8")
)


class Numbers:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 33) % n

    def one(self, items):
        return items[self.below(len(items))]


def scalar(point):
    """Surrogates are no characters."""
    return chr(0xFFFD if 0xD800 <= point <= 0xDFFF else point)


def part(numbers):
    kind = numbers.below(12)
    if kind <= 2:
        return numbers.one(PARTS["words"]) + (" " if numbers.below(2) == 0 else "")
    if kind == 3:
        first, last = numbers.one(PARTS["scripts"])
        n = 1 + numbers.below(12)
        return "".join(scalar(first + numbers.below(last - first + 1)) for _ in range(n))
    if kind == 4:
        return scalar(numbers.below(0x110000))
    if kind == 5:
        n = 1 + numbers.below(20)
        return "".join(chr(33 + numbers.below(94)) for _ in range(n))
    if kind == 6:
        n = 1 + numbers.below(4) * numbers.below(30)
        if numbers.below(2) == 0:
            return numbers.one(PARTS["spaces"]) * n
        return "".join(numbers.one(PARTS["spaces"]) for _ in range(n))
    if kind == 7:
        return str(numbers.below(1 << 30)) * (1 + numbers.below(3))
    if kind == 8:
        return numbers.one(PARTS["special"])
    if kind == 9:
        return numbers.one(PARTS["code"])
    if kind == 10:
        return numbers.one(PARTS["emoji"]) * (1 + numbers.below(3))
    return chr(numbers.below(32)) if numbers.below(2) == 0 else numbers.one(PARTS["marks"])


def string(index):
    numbers = Numbers(index)
    numbers.below(2)
    n = numbers.below(24) if index % 100 else 300
    return "".join(part(numbers) for _ in range(n))


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_padding()
    tokenizer.no_truncation()
    blocks = []
    for start in range(0, COUNT, BLOCK):
        ids, texts = hashlib.sha256(), hashlib.sha256()
        for index in range(start, start + BLOCK):
            tokens = tokenizer.encode(string(index), add_special_tokens=False).ids
            ids.update(struct.pack(f"<{len(tokens) + 1}i", len(tokens), *tokens))
            for skip in (False, True):
                text = tokenizer.decode(tokens, skip_special_tokens=skip).encode()
                texts.update(struct.pack("<i", len(text)) + text)
        blocks.append({"ids": ids.hexdigest(), "texts": texts.hexdigest()})
    print("[" + ",\n".join(json.dumps(block) for block in blocks) + "]")


main()
