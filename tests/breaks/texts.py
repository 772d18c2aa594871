"""What is broken in the source of the loops, and of what is around them: there it says one thing, and then another."""

from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[2]


class Text(NamedTuple):
    """In ``file``, ``sound`` becomes ``broken``. Statements, with their semicolons, or expressions of one type."""

    file: str
    sound: str
    broken: str


REACH, FAST_LOOP, ELEMENTS, SHARE = (f"csrc/cpu/{name}.h" for name in ("reach", "fast_loop", "elements", "share"))
FAST_MATH = "csrc/numbers/fast_math.h"

TEXTS = (
    # Which steps, and which parameters, are for the precise loop.
    Text(REACH, "hn::AllFalse(d, hn::Gt(largest, hn::Set(d, max_)))", "true"),
    Text(REACH, "hn::AllFalse(d, hn::Gt(largest, hn::Set(d, max_)))", "false"),
    Text(
        REACH,
        "hn::AllFalse(d, hn::Gt(largest, hn::Set(d, max_)))",
        "!hn::AllTrue(d, hn::Gt(largest, hn::Set(d, max_)))",
    ),
    Text(REACH, "hn::And(hn::LoadU(d, bits), size)", "hn::LoadU(d, bits)"),
    Text(REACH, "hn::And(hn::LoadU(d, bits), size)", "hn::Zero(d)"),
    Text(REACH, "hn::And(hn::LoadU(d, bits + i), size)", "hn::LoadU(d, bits + i)"),
    Text(REACH, "hn::And(hn::LoadU(d, bits + i), size)", "largest"),
    Text(REACH, "hn::Max(largest, hn::And(hn::LoadU(d, bits + i), size))", "hn::And(hn::LoadU(d, bits + i), size)"),
    Text(REACH, "i < count", "i + hn::Lanes(d) < count"),
    Text(REACH, "Reach(BitsOf(T(), size))", "Reach(BitsOf(T(), 2 * size))"),
    Text(REACH, "Reach(BitsOf(T(), size))", "Reach(BitsOf(T(), 1.25 * size))"),
    Text(REACH, "Reach(BitsOf(T(), size))", "Reach(BitsOf(T(), size / 2))"),
    Text(FAST_MATH, "size > Constants::kMinCoefficient", "true"),
    Text(FAST_MATH, "size < Constants::kMaxCoefficient", "true"),
    # The numbers of a step.
    Text(FAST_LOOP, "first + NumberSize()", "first"),
    Text(FAST_LOOP, "first + NumberSize()", "i"),
    Text(FAST_LOOP, "i + n * NumberSize()", "i"),
    # Elements.
    Text(
        ELEMENTS,
        "return hn::IfThenElse(hn::Ge(hn::Abs(x), hn::Set(d, 65536.0f)), hn::Or(x, infinity), x);",
        "return x;",
    ),
    Text(ELEMENTS, "hn::Stream(v, d, to);", "{}"),
    Text(ELEMENTS, "hn::Stream(v, d, to);", "hn::Stream(hn::Zero(d), d, to);"),
    Text(ELEMENTS, "hn::StoreU(v, d, to);", "hn::StoreN(v, d, to, hn::Lanes(d) - 1);"),
    Text(ELEMENTS, "LoadFloats(FloatD(), from + hn::Lanes(FloatD()))", "LoadFloats(FloatD(), from)"),
    Text(
        ELEMENTS,
        "StoreFloats(FloatD(), y.second.v, to + hn::Lanes(FloatD()), access);",
        "StoreFloats(FloatD(), y.first.v, to + hn::Lanes(FloatD()), access);",
    ),
    Text(ELEMENTS, "hn::Set(WordsD(), 0xFFFF0000u)", "hn::Set(WordsD(), 0xFFFFFFFFu)"),
    Text(ELEMENTS, "hn::Set(WordsD(), 0xFFFF0000u)", "hn::Set(WordsD(), 0xFFFE0000u)"),
    Text(ELEMENTS, "hn::Set(WordsD(), 0x8000u)", "hn::Set(WordsD(), 0u)"),
    Text(ELEMENTS, "hn::Set(WordsD(), 0x8000u)", "hn::Set(WordsD(), 0x7800u)"),
    Text(
        ELEMENTS,
        "hn::OddEven(hn::BitCast(halves, odd), hn::BitCast(halves, hn::ShiftRight<16>(even)))",
        "hn::OddEven(hn::BitCast(halves, even), hn::BitCast(halves, hn::ShiftRight<16>(odd)))",
    ),
    Text(ELEMENTS, "hn::DemoteTo(narrow, v)", "hn::DemoteTo(narrow, hn::Mul(v, hn::Set(D(), 1.0005f)))"),
    Text(ELEMENTS, "hn::LoadU(DoubleD(), from + hn::Lanes(DoubleD()))", "hn::LoadU(DoubleD(), from)"),
    Text(ELEMENTS, "Store(DoubleD(), y.second.v, to + hn::Lanes(DoubleD()), access);", "{}"),
    Text(ELEMENTS, "Read(from + 2 * hn::Lanes(FloatD()), &x->second);", "Read(from, &x->second);"),
    Text(ELEMENTS, "Write(y.second, to + 2 * hn::Lanes(FloatD()), access);", "{}"),
    # Several threads.
    Text(SHARE, "work(begin, end);", "work(begin, end - (end == size && begin > 0));"),
)


def write_broken_headers(folder: Path) -> None:
    """Write the headers that can say what `TEXTS` says, under the names by which the others include them."""
    for file in dict.fromkeys(text.file for text in TEXTS):
        source = (SOURCE / file).read_text()
        broken: dict[str, list[tuple[int, str]]] = {}
        for number, text in enumerate(TEXTS):
            if text.file == file:
                assert text.sound in source, f"{file} says no more: {text.sound}"
                broken.setdefault(text.sound, []).append((number, text.broken))
        # The longest first: others may be parts of it.
        source = _with_choices(source, sorted(broken, key=len, reverse=True), broken)
        switch = '#pragma once\n\n#include "tests/breaks/switch.h"'
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(source.replace("#pragma once", switch, 1))


def _with_choices(source: str, sounds: list[str], broken: dict[str, list[tuple[int, str]]]) -> str:
    if not sounds:
        return source
    sound, *others = sounds
    choice = _with_choices(sound, others, broken)
    for number, text in broken[sound]:
        on = f"tfcustomact::breaks::Is({number})"
        choice = f"if ({on}) {{ {text} }} else {{ {choice} }}" if sound.endswith(";") else f"({on} ? {text} : {choice})"
    return choice.join(_with_choices(part, others, broken) for part in source.split(sound))
