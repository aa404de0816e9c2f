"""Keccak-256 as Ethereum uses it: hashlib has only SHA-3, which pads differently."""

from __future__ import annotations

from functools import reduce
from operator import xor

_LANES = 25
_WORD = (1 << 64) - 1
_RATE = 136
_ROUNDS = 24


def keccak_256(message: bytes) -> bytes:
    """The digest of 32 bytes."""
    state = [0] * _LANES
    padded = bytearray(message + b"\x01" + bytes(-(len(message) + 1) % _RATE))
    padded[-1] |= 0x80
    for start in range(0, len(padded), _RATE):
        block = padded[start : start + _RATE]
        for lane in range(_RATE // 8):
            state[lane] ^= int.from_bytes(block[8 * lane : 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(state: list[int]) -> list[int]:
    """The permutation Keccak-f[1600]: theta, rho and pi, chi, iota, in every round."""
    for constant in _round_constants():
        columns = [reduce(xor, state[x::5]) for x in range(5)]
        spread = [columns[x - 1] ^ _rotated(columns[(x + 1) % 5], 1) for x in range(5)]
        state = [lane ^ spread[place % 5] for place, lane in enumerate(state)]
        moved = [0] * _LANES
        for place, (target, turn) in enumerate(_MOVES):
            moved[target] = _rotated(state[place], turn)
        state = [
            moved[place] ^ (~moved[_beside(place, 1)] & _WORD & moved[_beside(place, 2)])
            for place in range(_LANES)
        ]
        state[0] ^= constant
    return state


def _beside(place: int, steps: int) -> int:
    return place - place % 5 + (place % 5 + steps) % 5


def _rotated(lane: int, turn: int) -> int:
    return ((lane << turn) | (lane >> (64 - turn))) & _WORD if turn else lane


def _moves() -> list[tuple[int, int]]:
    """Where each lane goes, and how far it is rotated."""
    turns = {(0, 0): 0}
    x, y = 1, 0
    for step in range(_ROUNDS):
        turns[x, y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    places = ((place % 5, place // 5) for place in range(_LANES))
    return [(y + 5 * ((2 * x + 3 * y) % 5), turns[x, y]) for x, y in places]


_MOVES = _moves()


def _round_constants() -> list[int]:
    """The constants, from the linear feedback register that the standard defines them by."""
    constants, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for exponent in range(7):
            if register & 1:
                constant |= 1 << ((1 << exponent) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants
