"""A short MP4 that players accept: H.264 with raw macroblocks (I_PCM), so that no compression has to be written here.

Every frame is a picture of its own (IDR). Clauses are those of ITU-T H.264 and ISO/IEC 14496-12.
"""

from __future__ import annotations

import math
import struct

from typedrun_sandbox.answers.chance import fraction

SIDE = 96
"""Pixels: six by six macroblocks, within level 1.0 (99 macroblocks a frame)."""
FRAMES = 16
FRAME_RATE = 8
_MACROBLOCKS = SIDE // 16

_SPS_HEAD = bytes((66, 0xC0, 11))
"""profile_idc Baseline, constraint_set0 and 1, level 1.1 (7.3.2.1.1)."""


def mp4(prompt: str) -> bytes:
    """Two seconds of a ball that crosses the frame."""
    sps, pps = _parameter_sets()
    samples = [_sample(_picture(prompt, at), at) for at in range(FRAMES)]
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    offset = len(head) + len(_moov(sps, pps, samples, 0)) + 8
    return head + _moov(sps, pps, samples, offset) + _box(b"mdat", b"".join(samples))


# --- H.264


class _Bits:
    """Bits in the order of the standard, with its Exp-Golomb codes (9.1)."""

    def __init__(self) -> None:
        self.bits: list[str] = []

    def fixed(self, value: int, width: int) -> None:
        self.bits.append(format(value, f"0{width}b"))

    def golomb(self, *values: int) -> None:
        for value in values:
            code = format(value + 1, "b")
            self.bits.append("0" * (len(code) - 1) + code)

    def align(self) -> None:
        self.bits = ["".join(self.bits)]
        self.bits.append("0" * (-len(self.bits[0]) % 8))

    def octets(self) -> bytes:
        text = "".join(self.bits)
        return int("1" + text, 2).to_bytes(len(text) // 8 + 1, "big")[1:]

    def trailing(self) -> bytes:
        """rbsp_trailing_bits: a one, then zeros up to the next byte (7.3.2.11)."""
        self.fixed(1, 1)
        self.align()
        return self.octets()


def _parameter_sets() -> tuple[bytes, bytes]:
    sps = _Bits()
    sps.golomb(0, 0, 2, 0)  # id, log2_max_frame_num - 4, pic_order_cnt_type 2 (output order), no reference frames
    sps.fixed(0, 1)
    sps.golomb(_MACROBLOCKS - 1, _MACROBLOCKS - 1)
    sps.fixed(0b1100, 4)  # frames only, direct 8x8 inference, no cropping, no VUI
    pps = _Bits()
    pps.golomb(0, 0)
    pps.fixed(0, 2)  # CAVLC, no bottom field order
    pps.golomb(0, 0, 0)
    pps.fixed(0, 3)  # no weighted prediction
    pps.golomb(0, 0, 0)
    pps.fixed(0b100, 3)  # deblocking is controlled by the slice
    return b"\x67" + _SPS_HEAD + sps.trailing(), b"\x68" + pps.trailing()


def _sample(macroblocks: list[bytes], number: int) -> bytes:
    """One IDR slice of raw macroblocks, length before it (ISO/IEC 14496-15)."""
    head = _Bits()
    head.golomb(0, 7, 0)  # first macroblock, I slice, picture parameter set
    head.fixed(0, 4)  # frame_num
    head.golomb(number % 2)  # idr_pic_id differs between neighbours
    head.fixed(0, 2)
    head.golomb(0, 1)  # slice_qp_delta 0, deblocking off
    head.golomb(25)  # mb_type I_PCM
    head.align()  # pcm_alignment_zero_bit
    first = _Bits()
    first.golomb(25)
    first.align()
    body = head.octets() + first.octets().join(macroblocks) + b"\x80"
    unit = b"\x65" + _escape(body)
    return struct.pack(">I", len(unit)) + unit


def _escape(body: bytes) -> bytes:
    """Emulation prevention: no three bytes may look like a start code (7.4.1). Pictures hold no zeros, headers may."""
    for last in range(4):
        body = body.replace(b"\0\0" + bytes((last,)), b"\0\0\3" + bytes((last,)))
    return body


def _picture(prompt: str, frame: int) -> list[bytes]:
    """256 luma, 64 Cb and 64 Cr samples per macroblock; a disc that moves from left to right."""
    share = frame / (FRAMES - 1)
    centre = (SIDE * (0.15 + 0.7 * share), SIDE * (0.5 - 0.25 * math.sin(math.pi * share)))
    colours = tuple(40 + int(170 * fraction(prompt, part)) for part in ("blue", "red"))
    blocks: list[bytes] = []
    for row in range(_MACROBLOCKS):
        for column in range(_MACROBLOCKS):
            luma = bytes(_brightness(column * 16 + x, row * 16 + y, centre) for y in range(16) for x in range(16))
            blocks.append(luma + bytes((colours[0],)) * 64 + bytes((colours[1],)) * 64)
    return blocks


def _brightness(x: int, y: int, centre: tuple[float, float]) -> int:
    is_inside = math.hypot(x - centre[0], y - centre[1]) < SIDE * 0.14
    return 225 if is_inside else 50 + y // 2


# --- MP4

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, body: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags) + body)


def _moov(sps: bytes, pps: bytes, samples: list[bytes], offset: int) -> bytes:
    mvhd = struct.pack(">IIIIIH10x", 0, 0, FRAME_RATE, FRAMES, 0x10000, 0x0100) + _MATRIX + b"\0" * 24
    tkhd = struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, FRAMES, 0, 0, 0, 0) + _MATRIX
    tkhd += struct.pack(">II", SIDE << 16, SIDE << 16)
    mdhd = struct.pack(">IIIIHH", 0, 0, FRAME_RATE, FRAMES, 0x55C4, 0)
    hdlr = b"\0\0\0\0vide" + b"\0" * 12 + b"video\0"
    minf = _full(b"vmhd", b"\0" * 8, 1) + _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", 1)))
    minf += _stbl(sps, pps, samples, offset)
    media = _box(b"mdia", _full(b"mdhd", mdhd) + _full(b"hdlr", hdlr) + _box(b"minf", minf))
    return _box(b"moov", _full(b"mvhd", mvhd) + _box(b"trak", _full(b"tkhd", tkhd, 3) + media))


def _stbl(sps: bytes, pps: bytes, samples: list[bytes], offset: int) -> bytes:
    decoder = (
        b"\1" + sps[1:4] + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps + b"\1" + struct.pack(">H", len(pps)) + pps
    )
    entry = b"\0" * 6 + struct.pack(">H16xHHIIIH32sHh", 1, SIDE, SIDE, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    sizes = b"".join(struct.pack(">I", len(sample)) for sample in samples)
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1) + _box(b"avc1", entry + _box(b"avcC", decoder)))
        + _full(b"stts", struct.pack(">III", 1, len(samples), 1))
        + _full(b"stsc", struct.pack(">IIII", 1, 1, len(samples), 1))
        + _full(b"stsz", struct.pack(">II", 0, len(samples)) + sizes)
        + _full(b"stco", struct.pack(">II", 1, offset)),
    )
