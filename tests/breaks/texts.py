"""What is broken in the source of the loops, and of what is around them: there it says one thing, and then another."""

from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[2]


class Text(NamedTuple):
    """In ``file``, ``sound`` becomes ``broken``. Statements, with their semicolons, or expressions of one type."""

    file: str
    sound: str
    broken: str


RUN, REACH, FAST = "csrc/cpu/run.h", "csrc/cpu/reach.h", "csrc/cpu/fast_loop.h"
PRECISE, ELEMENTS, ACCESS, SHARE = (f"csrc/cpu/{name}.h" for name in ("precise_loops", "elements", "access", "share"))

TEXTS = (
    # Head, steps and tail.
    Text(RUN, "run_some(i, end - i);", "{}"),
    Text(RUN, "run_some(i, end - i);", "run_some(i, (end - i) / 2);"),
    Text(RUN, "run_some(i, end - i);", "if (end - i > 1) run_some(i, end - i);"),
    Text(RUN, "run_some(i, end - i);", "if (end - i + 1 != step) run_some(i, end - i);"),
    Text(RUN, "run_some(begin, head);", "{}"),
    Text(RUN, "run_some(begin, head);", "run_some(begin, head - (head > 0));"),
    Text(RUN, "i + step <= end", "i + step < end"),
    Text(RUN, "loop.Run(in, out, i, access);", "if (i % (2 * step) < step) loop.Run(in, out, i, access);"),
    Text(RUN, "loop.Run(in, out, i, access);", "if (i < step * 1024) loop.Run(in, out, i, access);"),
    Text(RUN, "loop.Run(in, out, i, access);", "if (i >= step) loop.Run(in, out, i, access);"),
    Text(
        RUN,
        "std::memcpy(in_copies[k], in[k] + i, count * sizeof(T));",
        "std::memcpy(in_copies[k], in[k] + i, count * sizeof(T) / 2);",
    ),
    Text(
        RUN,
        "std::memcpy(in_copies[k], in[k] + i, count * sizeof(T));",
        "std::memcpy(in_copies[k], in[0] + i, count * sizeof(T));",
    ),
    Text(
        RUN,
        "std::memcpy(out[k] + i, out_copies[k], count * sizeof(T));",
        "std::memcpy(out[k] + i, out_copies[k], (count - 1) * sizeof(T));",
    ),
    Text(
        RUN,
        "std::memcpy(out[k] + i, out_copies[k], count * sizeof(T));",
        "std::memcpy(out[k] + begin, out_copies[k], count * sizeof(T));",
    ),
    Text(RUN, "arguments.parameter", "1"),
    Text(RUN, "arguments.parameter", "-arguments.parameter"),
    # Which steps are for the precise loop.
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
    Text(FAST, "Math::Serves(static_cast<Lane>(parameter))", "true"),
    Text(FAST, "i += precise_.Step()", "i += 2 * precise_.Step()"),
    Text(FAST, "precise_.Run(in, out, i, access);", "if (i + precise_.Step() < end) precise_.Run(in, out, i, access);"),
    Text(
        FAST,
        "divisors[n] = {parameter_, Load(in[Pass::kX] + i + n * NumberSize())};",
        "divisors[n] = {parameter_, Load(in[Pass::kX] + i)};",
    ),
    Text(FAST, "Read(in[k] + i, &numbers[k]);", "Read(in[0] + i, &numbers[k]);"),
    Text(FAST, "Write(results[k], out[k] + i, access);", "Write(numbers[k], out[k] + i, access);"),
    # Elements.
    Text(PRECISE, "numbers[k] = LoadDoubles(in[k] + i);", "numbers[k] = LoadDoubles(in[0] + i);"),
    Text(PRECISE, "hn::DemoteTo(FewFloatsD(), y.v)", "hn::DemoteTo(FewFloatsD(), hn::Add(y.v, y.v))"),
    Text(PRECISE, "static_cast<Rounded>(parameter)", "static_cast<float>(parameter)"),
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
    # Long arrays, and several threads.
    Text(SHARE, "return work(0, size);", "return work(0, size - size / 65536);"),
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
