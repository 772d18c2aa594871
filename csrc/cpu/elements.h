// Loads elements of every dtype into lanes, stores lanes as elements, and prefetches elements.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "csrc/cpu/kernel_table.h"
#include "csrc/cpu/lanes.h"
#include "csrc/cpu/two.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tfcustomact {
namespace HWY_NAMESPACE {

using cpu::Access;
using cpu::FetchesAhead;
using cpu::IsNonTemporal;
using cpu::Prefetches;
using cpu::WithOrdinaryStores;
using FloatD = hn::ScalableTag<float>;
using DoubleD = hn::ScalableTag<double>;

// A float32 lane for every float64 lane.
using FewFloatsD = hn::Rebind<float, DoubleD>;

template <class D>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const float* from) {
  return hn::LoadU(d, from);
}

// Elements of 16 bits are loaded and stored as integers: Highway would take the address of their only member, which is
// undefined where they lie at odd addresses.
template <class D, class T>
HWY_INLINE hn::Vec<D> LoadNarrow(D d, const T* from) {
  const auto bits = hn::LoadU(hn::Rebind<std::uint16_t, D>(), reinterpret_cast<const std::uint16_t*>(from));
  return hn::PromoteTo(d, hn::BitCast(hn::Rebind<T, D>(), bits));
}

template <class D, class T>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const T* from) {
  return LoadNarrow(d, from);
}

// Where the processor has no instruction for it, Highway converts infinities and NaN to numbers of 2^16 and more.
template <class D>
HWY_INLINE hn::Vec<D> LoadFloats(D d, const hwy::float16_t* from) {
  const auto x = LoadNarrow(d, from);
  if constexpr (HWY_ARCH_ARM || HWY_TARGET <= HWY_AVX2) {
    return x;
  } else {
    const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
    return hn::IfThenElse(hn::Ge(hn::Abs(x), hn::Set(d, 65536.0f)), hn::Or(x, infinity), x);
  }
}

template <class D>
HWY_INLINE void Store(D d, hn::Vec<D> v, hn::TFromD<D>* to, Access access) {
  if (IsNonTemporal(access)) {
    hn::Stream(v, d, to);
  } else {
    hn::StoreU(v, d, to);
  }
}

template <class D>
HWY_INLINE void StoreFloats(D d, hn::Vec<D> v, float* to, Access access) {
  Store(d, v, to, access);
}

template <class D, class T>
HWY_INLINE void StoreFloats(D, hn::Vec<D> v, T* to, Access access) {
  const hn::Rebind<T, D> narrow;
  const hn::Rebind<std::uint16_t, D> bits;
  Store(bits, hn::BitCast(bits, hn::DemoteTo(narrow, v)), reinterpret_cast<std::uint16_t*>(to), access);
}

using TwoVectors = Two<Lanes<FloatD>>;
using FourVectors = Two<TwoVectors>;
using TwoDoubleVectors = Two<Lanes<DoubleD>>;

template <class T>
HWY_INLINE void Read(const T* from, TwoVectors* x) {
  *x = {{LoadFloats(FloatD(), from)}, {LoadFloats(FloatD(), from + hn::Lanes(FloatD()))}};
}

template <class T>
HWY_INLINE void Write(TwoVectors y, T* to, Access access) {
  StoreFloats(FloatD(), y.first.v, to, access);
  StoreFloats(FloatD(), y.second.v, to + hn::Lanes(FloatD()), access);
}

// bfloat16 is the upper half of a float32. The elements with even indices go into one vector, those with odd indices
// into the other, so that no element has to move to another lane.
using HalvesD = hn::Repartition<std::uint16_t, FloatD>;
using WordsD = hn::Repartition<std::uint32_t, FloatD>;

HWY_INLINE void Read(const hwy::bfloat16_t* from, TwoVectors* x) {
  const auto words = hn::BitCast(WordsD(), hn::LoadU(HalvesD(), reinterpret_cast<const std::uint16_t*>(from)));
  *x = {{hn::BitCast(FloatD(), hn::ShiftLeft<16>(words))},
        {hn::BitCast(FloatD(), hn::And(words, hn::Set(WordsD(), 0xFFFF0000u)))}};
}

// Rounds to nearest, with ties away from zero: it adds half a unit in the last place and drops the lower 16 bits. Ties
// to even would take twice the operations. The lower 16 bits of a NaN that was loaded from a bfloat16 are zeros, so
// that the addition does not carry into the others.
HWY_INLINE void Write(TwoVectors y, hwy::bfloat16_t* to, Access access) {
  const HalvesD halves;
  const auto half_a_place = hn::Set(WordsD(), 0x8000u);
  const auto even = hn::Add(hn::BitCast(WordsD(), y.first.v), half_a_place);
  const auto odd = hn::Add(hn::BitCast(WordsD(), y.second.v), half_a_place);
  const auto places = hn::OddEven(hn::BitCast(halves, odd), hn::BitCast(halves, hn::ShiftRight<16>(even)));
  Store(halves, places, reinterpret_cast<std::uint16_t*>(to), access);
}

HWY_INLINE void Read(const double* from, TwoDoubleVectors* x) {
  *x = {{hn::LoadU(DoubleD(), from)}, {hn::LoadU(DoubleD(), from + hn::Lanes(DoubleD()))}};
}

HWY_INLINE void Write(TwoDoubleVectors y, double* to, Access access) {
  Store(DoubleD(), y.first.v, to, access);
  Store(DoubleD(), y.second.v, to + hn::Lanes(DoubleD()), access);
}

template <class T>
HWY_INLINE void Read(const T* from, FourVectors* x) {
  Read(from, &x->first);
  Read(from + 2 * hn::Lanes(FloatD()), &x->second);
}

template <class T>
HWY_INLINE void Write(FourVectors y, T* to, Access access) {
  Write(y.first, to, access);
  Write(y.second, to + 2 * hn::Lanes(FloatD()), access);
}

// The type that elements of type T are computed in, and that a row has.
template <class T>
using LaneOf = std::conditional_t<std::is_same_v<T, double>, double, float>;

// The numbers of a row that belong to the elements that Read gives.
template <class T>
HWY_INLINE void ReadRow(const float* from, TwoVectors* x, T) {
  Read(from, x);
}
HWY_INLINE void ReadRow(const float* from, TwoVectors* x, hwy::bfloat16_t) {
  TwoVectors in_order;
  Read(from, &in_order);
  const auto first = in_order.first.v, second = in_order.second.v;
  *x = {{hn::ConcatEven(FloatD(), second, first)}, {hn::ConcatOdd(FloatD(), second, first)}};
}
HWY_INLINE void ReadRow(const double* from, TwoDoubleVectors* x, double) { Read(from, x); }
template <class T>
HWY_INLINE void ReadRow(const float* from, FourVectors* x, T type) {
  ReadRow(from, &x->first, type);
  ReadRow(from + 2 * hn::Lanes(FloatD()), &x->second, type);
}

// Adds terms to sums in float64.
HWY_INLINE void AddFloats(Lanes<FloatD> terms, double* sums) {
  const DoubleD d;
  hn::StoreU(hn::Add(hn::LoadU(d, sums), hn::PromoteLowerTo(d, terms.v)), d, sums);
  sums += hn::Lanes(d);
  hn::StoreU(hn::Add(hn::LoadU(d, sums), hn::PromoteUpperTo(d, terms.v)), d, sums);
}

// Adds the terms of consecutive columns to the sums of few terms; where that would overflow, to the sums of all.
HWY_INLINE void AddInOrder(TwoVectors terms, float* few_terms, double* sums) {
  const FloatD d;
  const std::size_t second = hn::Lanes(d);
  const TwoVectors sum = terms + TwoVectors(hn::LoadU(d, few_terms), hn::LoadU(d, few_terms + second));
  // Max may lose a NaN: that may be added to either.
  const auto largest = hn::Max(hn::Abs(sum.first.v), hn::Abs(sum.second.v));
  if (HWY_LIKELY(hn::AllTrue(d, hn::Lt(largest, hn::Set(d, std::numeric_limits<float>::infinity()))))) {
    hn::StoreU(sum.first.v, d, few_terms);
    hn::StoreU(sum.second.v, d, few_terms + second);
  } else {
    AddFloats(terms.first, sums);
    AddFloats(terms.second, sums + second);
  }
}

// Adds terms, which are in the order in which Read gives elements, to the sums of their columns.
template <class T>
HWY_INLINE void AddToRow(TwoVectors terms, float* few_terms, double* sums, T) {
  AddInOrder(terms, few_terms, sums);
}
HWY_INLINE void AddToRow(TwoVectors terms, float* few_terms, double* sums, hwy::bfloat16_t) {
  const FloatD d;
  const auto first = terms.first.v, second = terms.second.v;
  AddInOrder({{hn::InterleaveWholeLower(d, first, second)}, {hn::InterleaveWholeUpper(d, first, second)}}, few_terms,
             sums);
}
template <class T>
HWY_INLINE void AddToRow(FourVectors terms, float* few_terms, double* sums, T type) {
  const std::size_t second = 2 * hn::Lanes(FloatD());
  AddToRow(terms.first, few_terms, sums, type);
  AddToRow(terms.second, few_terms + second, sums + second, type);
}

// Adds the sums of few terms of `count` columns to the sums of all, and begins them anew.
HWY_INLINE void MoveSums(float* few_terms, double* sums, std::size_t count) {
  const FloatD d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    AddFloats({hn::LoadU(d, few_terms + i)}, sums + i);
    hn::StoreU(hn::Zero(d), d, few_terms + i);
  }
  for (; i < count; ++i) {
    sums[i] += few_terms[i];
    few_terms[i] = 0;
  }
}

// One vector, for elements of any type. Sums of float64 numbers keep their rounding errors (Knuth's two-sum).
template <class T>
HWY_INLINE void AddDoubles(Lanes<DoubleD> terms, double* sums, double* errors, T) {
  const DoubleD d;
  const Lanes<DoubleD> before(hn::LoadU(d, sums)), sum = before + terms;
  hn::StoreU(sum.v, d, sums);
  if constexpr (std::is_same_v<T, double>) {
    const Lanes<DoubleD> added = sum - before, error = (before - (sum - added)) + (terms - added);
    hn::StoreU((Lanes<DoubleD>(hn::LoadU(d, errors)) + error).v, d, errors);
  }
}

// Adds one number, whose own rounding error is `error`.
template <class T>
HWY_INLINE void AddNumber(double term, double error, double* sum, double* errors, T) {
  const double before = *sum;
  *sum = before + term;
  if constexpr (std::is_same_v<T, double>) {
    const double added = *sum - before;
    *errors += ((before - (*sum - added)) + (term - added)) + error;
  }
}
HWY_INLINE void AddToRow(TwoDoubleVectors terms, double* sums, double* errors, double type) {
  AddDoubles(terms.first, sums, errors, type);
  AddDoubles(terms.second, sums + hn::Lanes(DoubleD()), errors + hn::Lanes(DoubleD()), type);
}

// Prefetches what a step reads of an input: where `access` fetches ahead, what a later step reads. Processors prefetch
// by themselves, but begin anew with each page. From 1,024 to 4,096 bytes ahead the time is the same to 4 %.
//
// A TLB miss takes longer than such a distance covers: to prefetch one address four pages ahead as well saves values of
// 2^24 elements 6 % of their time. But each prefetch occupies a buffer that other loads and non-temporal stores wait
// for, for as long as the load takes. With several inputs from memory that costs more than it saves, and so does the
// last quarter of a page, which the processor prefetches itself: without both, gradients of 2^26 elements take 8 to
// 15 % less time. With one input it pays: ELU would take 14 % more without (Intel, AVX-512, on a virtual machine).
template <class T>
HWY_INLINE void Fetch(const T* from, std::size_t count, Access access) {
  constexpr std::size_t kBytesAhead = 2048, kPage = 4096;
  const char* const at = reinterpret_cast<const char*>(from);
  const char* const first = FetchesAhead(access) ? at + kBytesAhead : at;
  const bool is_from_memory = access == Access::kFromMemory;
  if (is_from_memory && reinterpret_cast<std::uintptr_t>(first) % kPage >= kPage / 4 * 3) return;
  for (std::size_t i = 0; i < count * sizeof(T); i += cpu::kCacheLine) hwy::Prefetch(first + i);
  if (FetchesAhead(access) && !is_from_memory) hwy::Prefetch(at + 4 * kPage);
}

}  // namespace HWY_NAMESPACE
}  // namespace tfcustomact
HWY_AFTER_NAMESPACE();
