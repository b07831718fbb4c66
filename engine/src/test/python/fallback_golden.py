"""Trains a tiny tokenizer of Llama 2's kind and decodes ids with it.

usage: fallback_golden.py FOLDER

Writes fallback_tokenizer.json and fallback_golden.jsonl into FOLDER, which is
../resources/io/qwark/engine/text. Made with tokenizers 0.23.3. A line holds ids, and either the
text that they come from or none; what they decode to, with special tokens and without; and the
ids of the text with the special tokens that the post-processor adds.
"""

import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors

WORDS = "the then this an and ant in ing inn on one won st str ster öl ö е не нет 中 中文".split()
TEXTS = [
    "",
    " ",
    "  two  spaces ",
    "the ant and the string",
    "öl und нет 中文 漢字",
    "emoji 😀👍🏽 and \t tabs\n\nlines",
    "<s>the</s> <unk> and <mark>x</mark>",
    "▁the ▁ and <0x41> as text",
    "\ufffd \x00\x7f é e\u0301",
]


def tokenizer():
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    for character in sorted(set("".join(WORDS)) | set("▁.,!?")):
        vocab[character] = len(vocab)
    merges = []
    for word in WORDS:
        for whole in (word, "▁" + word):
            for end in range(2, len(whole) + 1):
                if whole[:end] not in vocab:
                    vocab[whole[:end]] = len(vocab)
                    merges.append((whole[: end - 1], whole[end - 1]))
    made = Tokenizer(
        models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    made.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    made.add_special_tokens(["<unk>", "<s>", "</s>"])
    made.add_tokens([AddedToken("<mark>", normalized=False)])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    return made


def main():
    folder = pathlib.Path(sys.argv[1])
    made = tokenizer()
    made.save(str(folder / "fallback_tokenizer.json"), pretty=False)
    cases = [(text, made.encode(text, add_special_tokens=False).ids) for text in TEXTS]
    pick = random.Random(20251122)
    bytes_ = range(3, 259)
    space = made.token_to_id("<0x20>")
    for ids in ([space], [space, space], [1, space], [2, 1], [space, 0xC3 + 3, 0xB6 + 3]):
        cases.append((None, ids))
    for _ in range(60):
        ids = []
        for _ in range(pick.randrange(1, 12)):
            kind = pick.randrange(5)
            if kind == 0:
                ids.append(pick.choice(bytes_))
            elif kind == 1:
                ids += [b + 3 for b in pick.choice(["é", "中", "😀", " ", "a"]).encode()]
            elif kind == 2:
                ids.append(pick.choice([0, 1, 2, made.token_to_id("<mark>"), 5000]))
            else:
                ids.append(pick.randrange(259, made.get_vocab_size()))
        cases.append((None, ids))
    with open(folder / "fallback_golden.jsonl", "w") as out:
        for text, ids in cases:
            line = {
                "text": text,
                "ids": ids,
                "decoded": made.decode(ids, skip_special_tokens=False),
                "plain": made.decode(ids, skip_special_tokens=True),
            }
            if text is not None:
                line["prompt"] = made.encode(text).ids
            out.write(json.dumps(line) + "\n")


main()
