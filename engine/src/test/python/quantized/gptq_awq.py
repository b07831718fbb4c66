"""Weights as GPTQ and AWQ pack them."""

import numpy as np

from quantized.maker import Maker, half, words


def gptq(name, seed, bits, group_size, symmetric, act_order, version):
    maker = Maker(
        name,
        seed,
        dict(
            quant_method="gptq",
            bits=bits,
            group_size=group_size,
            sym=symmetric,
            desc_act=act_order,
            checkpoint_format=version,
            lm_head=False,
        ),
    )
    top = 2**bits
    for module, out, width in maker.linears():
        size = width if group_size == -1 else group_size
        groups = width // size
        codes = maker.rng.integers(1 if symmetric else 0, top, (width, out))
        shift = 1 if version == "gptq" else 0
        zeros = maker.rng.integers(shift, top, (groups, out))
        if symmetric:
            zeros[:] = top // 2
        scales = half(maker.rng, (groups, out), width, top / 2)
        index = np.arange(width, dtype=np.int32) // size
        if act_order:
            maker.rng.shuffle(index)
        expected = (codes - zeros[index]).astype(np.float32) * scales[index].astype(np.float32)
        maker.add(
            module,
            expected.T,
            qweight=words(codes.T, bits).T,
            qzeros=words(zeros - shift, bits),
            scales=scales,
            g_idx=index,
        )
    maker.write()


def awq(name, seed, group_size):
    maker = Maker(
        name,
        seed,
        dict(
            quant_method="awq", bits=4, group_size=group_size, version="gemm", zero_point=True
        ),
    )
    order = [0, 2, 4, 6, 1, 3, 5, 7]  # the column that each field of a word is of

    def pack(fields):
        return words(fields.reshape(len(fields), -1, 8)[:, :, order].reshape(fields.shape), 4)

    for module, out, width in maker.linears():
        groups = width // group_size
        codes = maker.rng.integers(0, 16, (width, out))
        zeros = maker.rng.integers(0, 16, (groups, out))
        scales = half(maker.rng, (groups, out), width, 8)
        index = np.arange(width) // group_size
        expected = (codes - zeros[index]).astype(np.float32) * scales[index].astype(np.float32)
        maker.add(module, expected.T, qweight=pack(codes), qzeros=pack(zeros), scales=scales)
    maker.write()
