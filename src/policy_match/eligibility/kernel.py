"""The inner loops of large work, compiled to machine code on first use.

Whoever imports this waits over a second for numba, and some seconds more when a machine compiles it for the first time:
only work of some thousand million pairs is worth it (wired.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros
from numpy.typing import NDArray

from policy_match.facts.planes import WORD, Words
from policy_match.facts.table import Ids, Keys

AT_ONCE = 64
"""Words of a register that are worked on at a time, so that all registers of a program stay near the processor."""
SLACK = 8
"""Places beyond the last that a list needs: eight are written at a time, and those too many are written over."""
_SIZE, _ONE = np.uint64(AT_ONCE), np.uint64(1)

Blocks: TypeAlias = NDArray[np.uint64]
Steps: TypeAlias = NDArray[np.int32]
Places: TypeAlias = NDArray[np.int32]
_Loop = TypeVar("_Loop", bound=Callable[..., object])


def _compiled(loop: _Loop) -> _Loop:
    return cast(_Loop, njit(nogil=True, cache=True)(loop))


@_compiled
def run_steps(registers: Blocks, steps: Steps, inputs: Blocks, outputs: Places, out: Words) -> None:
    """Run a program block after block.

    `inputs`, uint64 (n_blocks, n_inputs, AT_ONCE), go into `registers`, uint64 (n_registers, AT_ONCE), after the two
    constant ones; `steps`, int32 (n_steps, 4): AND 0, OR 1 or XOR 2, and the registers of both operands and of the result;
    `outputs`: the register of each row of `out`, uint64 (n_outputs, n_words).
    """
    end = 2 + inputs.shape[1]
    flat = registers.reshape(registers.size)
    for block in range(inputs.shape[0]):
        registers[2:end] = inputs[block]
        for step in range(steps.shape[0]):
            first = np.uint64(steps[step, 1]) * _SIZE
            second = np.uint64(steps[step, 2]) * _SIZE
            result = np.uint64(steps[step, 3]) * _SIZE
            if steps[step, 0] == 0:
                for word in range(_SIZE):
                    flat[result + word] = flat[first + word] & flat[second + word]
            elif steps[step, 0] == 1:
                for word in range(_SIZE):
                    flat[result + word] = flat[first + word] | flat[second + word]
            else:
                for word in range(_SIZE):
                    flat[result + word] = flat[first + word] ^ flat[second + word]
        low = block * AT_ONCE
        count = min(AT_ONCE, out.shape[1] - low)
        for row in range(len(outputs)):
            for word in range(count):
                out[row, low + word] = registers[outputs[row], word]


@_compiled
def reach_keys(values: Keys, keys: Keys, first: int, out: Blocks) -> None:
    """Where each value reaches each key, ascending: into the rows from `first` of `out`, uint64 (n_blocks, n_rows, AT_ONCE).

    A value is put under the last key that it reaches, and what reaches a key reaches all before it.
    """
    _clear(out, first, len(keys))
    reached = np.empty(WORD, dtype=np.int64)
    for word in range((len(values) + WORD - 1) // WORD):
        part = values[word * WORD : (word + 1) * WORD]
        for bit in range(len(part)):
            reached[bit] = 0
        length = len(keys)
        while length > 0:
            # Every value takes the same steps, so that the processor takes them for several at a time.
            half = (length + 1) // 2
            for bit in range(len(part)):
                place = reached[bit]
                reached[bit] = place + half * (keys[np.uint64(place + half - 1)] <= part[bit])
            length -= half
        rows = out[word // AT_ONCE]
        for bit in range(len(part)):
            if reached[bit] > 0:
                rows[first + reached[bit] - 1, word % AT_ONCE] |= _ONE << np.uint64(bit)
    _or_upwards(out, first, len(keys))


@_compiled
def reach_places(ids: Ids, places: Places, first: int, count: int, out: Blocks) -> None:
    """The same for indexes of codes: `places` has for each index how many of the `count` keys it reaches."""
    _clear(out, first, count)
    for word in range((len(ids) + WORD - 1) // WORD):
        rows = out[word // AT_ONCE]
        for bit in range(min(WORD, len(ids) - word * WORD)):
            reached = places[ids[word * WORD + bit]]
            if reached > 0:
                rows[first + reached - 1, word % AT_ONCE] |= _ONE << np.uint64(bit)
    _or_upwards(out, first, count)


@_compiled
def _clear(out: Blocks, first: int, count: int) -> None:
    for block in range(out.shape[0]):
        out[block, first : first + count] = 0


@_compiled
def _or_upwards(out: Blocks, first: int, count: int) -> None:
    for block in range(out.shape[0]):
        for row in range(first + count - 2, first - 1, -1):
            for word in range(AT_ONCE):
                out[block, row, word] |= out[block, row + 1, word]


@_compiled
def list_bits(words: Words, size: int, out: Places) -> int:
    """The places of the set bits among the first `size`, ascending, into `out`, which has room for `SLACK` more; how many."""
    count = np.uint64(0)
    for word in range((size + WORD - 1) // WORD):
        bits = words[word]
        if size - word * WORD < WORD:
            bits &= (_ONE << np.uint64(size - word * WORD)) - _ONE
        left = _set_bits(bits)
        start, count = count, count + left
        # Eight at a time: how many there are is seldom guessed right, and a wrong guess costs more than a few written in vain.
        while start < count:
            for place in range(SLACK):
                out[start + np.uint64(place)] = word * WORD + np.int64(trailing_zeros(bits))  # type: ignore[call-arg]  # an intrinsic
                bits &= bits - _ONE
            start += np.uint64(SLACK)
    return int(count)


@_compiled
def _set_bits(bits: np.uint64) -> np.uint64:
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)
