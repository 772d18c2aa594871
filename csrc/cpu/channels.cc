#include "csrc/cpu/channels.h"

#include <algorithm>
#include <numeric>
#include <type_traits>
#include <utility>

#include "csrc/numbers/sums.h"
#include "csrc/passes/blocks.h"
#include "hwy/base.h"

namespace tfcustomact::cpu {
namespace {

// The elements of a unit of work, if there are so many.
constexpr std::size_t kUnit = std::size_t{1} << 16;

// The max number of partial sums of a channel in a block.
constexpr std::size_t kMaxPartialSums = 64;

// The elements that a row's length should be a multiple of: those of a step of the kernels with the longest vectors.
constexpr std::size_t kStep = 128;

std::size_t DivideUp(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// How each block is divided: into rows, which begin with the block's first channel, and these into units of work.
struct Division {
  // Of a row; the last row of a block may have only `remainder` elements.
  std::size_t length, rows, remainder;
  // Of a unit of work; and how many units there are in a row, and in a block's rows.
  std::size_t columns, rows_of_unit, column_units, row_units;
  // The partial sums of a channel in a block: one from each unit of work that has elements of it. If there are more
  // channels than one, these units are in different rows.
  std::size_t partial_sums;

  // `row` as for Blocks.
  Division(const Blocks& blocks, std::size_t row) {
    const std::size_t period = blocks.channels * blocks.inner;
    // Rows are long, so that the cost per row is negligible, and multiples of a step where possible.
    const std::size_t factor = kStep / std::gcd(kStep, period), wanted = DivideUp(kMaxRow / 2, period);
    std::size_t tiles = DivideUp(wanted, factor) * factor;
    if (tiles * period > kMaxRow) tiles = wanted;
    length = row != 0 ? row : std::min(tiles, DivideUp(blocks.size, period)) * period;
    rows = blocks.size / length;
    remainder = blocks.size % length;
    columns = length;
    if (columns > kMaxRow) {
      // No channel is in two units of one row, unless there is only one.
      const std::size_t multiple = std::lcm(blocks.inner, kStep);
      const std::size_t factor_of_columns = multiple <= kMaxRow ? multiple : blocks.inner;
      columns = kMaxRow / factor_of_columns * factor_of_columns;
    }
    column_units = DivideUp(length, columns);
    const std::size_t all_rows = rows + (remainder > 0 ? 1 : 0);
    rows_of_unit = std::max({std::size_t{1}, kUnit / columns, DivideUp(all_rows, kMaxPartialSums)});
    row_units = DivideUp(all_rows, rows_of_unit);
    partial_sums = row_units * (blocks.channels == 1 ? column_units : 1);
  }
};

// Calls f with a number of the type that `dtype` stands for.
template <class F>
void WithType(DType dtype, const F& f) {
  if (dtype == DType::kFloat16) return f(hwy::float16_t());
  if (dtype == DType::kBFloat16) return f(hwy::bfloat16_t());
  if (dtype == DType::kFloat32) return f(float());
  f(double());
}

double ToDouble(hwy::float16_t number) { return hwy::F32FromF16(number); }
double ToDouble(hwy::bfloat16_t number) { return hwy::F32FromBF16(number); }
double ToDouble(double number) { return number; }

double Load(DType dtype, const void* numbers, std::size_t i) {
  double loaded = 0;
  WithType(dtype, [&](auto type) { loaded = ToDouble(static_cast<const decltype(type)*>(numbers)[i]); });
  return loaded;
}

hwy::float16_t Rounded(double number, hwy::float16_t) { return hwy::F16FromF32(static_cast<float>(number)); }
hwy::bfloat16_t Rounded(double number, hwy::bfloat16_t) { return hwy::BF16FromF32(static_cast<float>(number)); }
float Rounded(double number, float) { return static_cast<float>(number); }
double Rounded(double number, double) { return number; }

void Store(double number, DType dtype, void* numbers, std::size_t i) {
  WithType(dtype, [&](auto type) { static_cast<decltype(type)*>(numbers)[i] = Rounded(number, type); });
}

// What the kernels add up for the elements of a row: sums, and of float64 terms their rounding errors.
template <typename Lane>
struct SumsOfRow {
  static constexpr bool kHasErrors = std::is_same_v<SumOf<Lane>, CompensatedSum>;

  explicit SumsOfRow(std::size_t columns) {
    std::fill(sums, sums + columns, 0);
    if (kHasErrors) std::fill(errors, errors + columns, 0);
  }

  SumOf<Lane> At(std::size_t i) const {
    if constexpr (kHasErrors) {
      return {sums[i], errors[i]};
    } else {
      return {sums[i]};
    }
  }

  // The sum of `count` of them. Many are added side by side: in a single sum each addition would wait for the one
  // before.
  SumOf<Lane> OfAll(std::size_t first, std::size_t count) const {
    constexpr std::size_t kSideBySide = 8;
    const std::size_t end = first + count;
    SumOf<Lane> sum = {};
    std::size_t i = first;
    if (count >= kSideBySide) {
      SumOf<Lane> partial[kSideBySide] = {};
      for (; i + kSideBySide <= end; i += kSideBySide) {
        for (std::size_t k = 0; k < kSideBySide; ++k) partial[k].Add(At(i + k));
      }
      for (const SumOf<Lane>& each : partial) sum.Add(each);
    }
    for (; i < end; ++i) sum.Add(At(i));
    return sum;
  }

  alignas(kCacheLine) double sums[kMaxRow];
  alignas(kCacheLine) double errors[kHasErrors ? kMaxRow : 1];
};

// Whether there is a pass that takes a number where all elements have one parameter.
bool HasPassWithNumber(const PassFacts& pass) { return pass.row == Row::kParameter && !pass.has_sum; }

// That pass.
Pass WithNumber(Pass pass) { return pass == Pass::kTensorValue ? Pass::kValue : Pass::kGatedValue; }

// Computes in Lane, and adds up accordingly.
template <typename Lane>
class Runner {
 public:
  Runner(const ChannelCall& call, Access access, const std::vector<AxisRun>& runs)
      : call_(call),
        access_(access),
        facts_(FactsOf(call.pass)),
        kernel_(FindKernel(call.activation, call.pass, call.dtype)),
        blocks_(runs, call.arguments.rows.length),
        division_(blocks_, call.arguments.rows.length) {
    if (facts_.has_sum) partial_.resize(blocks_.number * division_.partial_sums * blocks_.channels);
    is_precise_ = facts_.has_sum && blocks_.HasFewTerms();
  }

  std::size_t Units() const { return blocks_.number * division_.row_units * division_.column_units; }

  void RunUnit(std::size_t unit) {
    const std::size_t column = unit % division_.column_units * division_.columns;
    unit /= division_.column_units;
    const std::size_t block = unit / division_.row_units, row = unit % division_.row_units * division_.rows_of_unit;
    const std::size_t columns = std::min(division_.columns, division_.length - column);
    const std::size_t first = block * blocks_.size + row * division_.length + column;
    const std::size_t channel = blocks_.FirstChannel(block);
    const std::size_t rows = std::min(division_.rows_of_unit, division_.rows - std::min(row, division_.rows));
    const bool has_remainder = row + division_.rows_of_unit > division_.rows;
    const std::size_t remainder =
        has_remainder && division_.remainder > column ? std::min(division_.remainder - column, columns) : 0;
    RunRows(first, rows, columns, remainder, channel, column, Partial(block, row, column));
  }

  // After all units.
  void WriteRowGradient() const {
    if (!facts_.has_sum) return;
    std::vector<SumOf<Lane>> sums(blocks_.all_channels);
    for (std::size_t block = 0; block < blocks_.number; ++block) {
      SumOf<Lane>* const of_block = sums.data() + blocks_.FirstChannel(block);
      for (std::size_t k = 0; k < division_.partial_sums; ++k) {
        const SumOf<Lane>* const partial = &partial_[(block * division_.partial_sums + k) * blocks_.channels];
        for (std::size_t i = 0; i < blocks_.channels; ++i) of_block[i].Add(partial[i]);
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      Store(sums[i].Rounded(), call_.row_dtype, call_.row_gradient, i);
    }
  }

 private:
  // The sums of the unit of work that begins with this row and column of a block.
  SumOf<Lane>* Partial(std::size_t block, std::size_t row, std::size_t column) {
    if (!facts_.has_sum) return nullptr;
    const std::size_t row_unit = row / division_.rows_of_unit, column_unit = column / division_.columns;
    const std::size_t k = blocks_.channels == 1 ? row_unit * division_.column_units + column_unit : row_unit;
    return &partial_[(block * division_.partial_sums + k) * blocks_.channels];
  }

  // Calls f(i, count, channel, stride) for each run among `columns` elements of a row, of which the first is number
  // `column`: `count` elements from the i-th on, whose channels are `stride` apart: 0, or 1 where neighbours are of
  // neighbouring channels.
  template <class F>
  void ForEachRun(std::size_t column, std::size_t columns, const F& f) const {
    const std::size_t channels = blocks_.channels;
    std::size_t channel = column / blocks_.inner % channels;
    if (blocks_.inner == 1 && channels > 1) {
      for (std::size_t i = 0; i < columns; i += channels - std::exchange(channel, 0)) {
        f(i, std::min(channels - channel, columns - i), channel, std::integral_constant<std::size_t, 1>());
      }
      return;
    }
    const std::size_t length = channels == 1 ? columns : blocks_.inner;
    std::size_t before_next = length - column % blocks_.inner;
    for (std::size_t i = 0; i < columns; i += std::exchange(before_next, length)) {
      f(i, std::min(before_next, columns - i), channel, std::integral_constant<std::size_t, 0>());
      if (++channel == channels) channel = 0;
    }
  }

  // The arrays from the element number `first`, which is in the column `column`, on; as rows of `columns` elements.
  Arguments From(std::size_t first, std::size_t column, std::size_t columns) const {
    Arguments arguments = call_.arguments;
    Rows& rows = arguments.rows;
    const bool has_pitches = rows.length != 0;
    const auto bytes_to_first = [&](std::size_t pitch) {
      return (has_pitches ? (first - column) / division_.length * pitch + column : first) * SizeOf(call_.dtype);
    };
    for (int i = 0; i < facts_.inputs; ++i) {
      if (!has_pitches) rows.in_pitches[i] = division_.length;
      arguments.in[i] = static_cast<const char*>(arguments.in[i]) + bytes_to_first(rows.in_pitches[i]);
    }
    for (int i = 0; i < facts_.outputs; ++i) {
      if (!has_pitches) rows.out_pitches[i] = division_.length;
      arguments.out[i] = static_cast<char*>(arguments.out[i]) + bytes_to_first(rows.out_pitches[i]);
    }
    rows.length = columns;
    return arguments;
  }

  void RunRows(std::size_t first, std::size_t rows, std::size_t columns, std::size_t remainder, std::size_t channel,
               std::size_t column, SumOf<Lane>* partial) const {
    Arguments arguments = From(first, column, columns);
    const std::size_t size = rows * columns + remainder;
    if (HasPassWithNumber(facts_) && blocks_.channels == 1) {
      // There is one number for all elements. Without pitches they follow each other: a row has one unit then.
      if (call_.arguments.rows.length == 0) arguments.rows.length = 0;
      arguments.parameter = Load(call_.row_dtype, call_.row, channel);
      FindKernel(call_.activation, WithNumber(call_.pass), call_.dtype)(arguments, 0, size, access_);
      return;
    }
    // Vectors that are in two cache lines each take twice the time.
    alignas(kCacheLine) Lane lanes[kMaxRow];
    WithType(call_.row_dtype, [&](auto type) {
      const auto* const numbers = static_cast<const decltype(type)*>(call_.row) + channel;
      ForEachRun(column, columns, [&](std::size_t i, std::size_t count, std::size_t at, auto stride) {
        for (std::size_t k = 0; k < count; ++k) {
          lanes[i + k] = static_cast<Lane>(ToDouble(numbers[at + k * stride()]));
        }
      });
    });
    SumsOfRow<Lane> sums(facts_.has_sum ? columns : 0);
    arguments.rows.row = lanes;
    arguments.rows.sums = sums.sums;
    arguments.rows.errors = sums.errors;
    arguments.rows.is_precise = is_precise_;
    kernel_(arguments, 0, size, access_);
    if (!facts_.has_sum) return;
    ForEachRun(column, columns, [&](std::size_t i, std::size_t count, std::size_t at, auto stride) {
      if constexpr (stride() == 0) {
        partial[at].Add(sums.OfAll(i, count));
      } else {
        for (std::size_t k = 0; k < count; ++k) partial[at + k].Add(sums.At(i + k));
      }
    });
  }

  const ChannelCall& call_;
  const Access access_;
  const PassFacts facts_;
  const Kernel kernel_;
  const Blocks blocks_;
  const Division division_;
  std::vector<SumOf<Lane>> partial_;
  bool is_precise_ = false;
};

}  // namespace

std::optional<ChannelCall> CallWithNumber(const ChannelCall& call, const std::vector<AxisRun>& runs) {
  if (!HasPassWithNumber(FactsOf(call.pass))) return std::nullopt;
  if (std::any_of(runs.begin(), runs.end(), [](const AxisRun& run) { return run.is_kept; })) return std::nullopt;
  ChannelCall with_number = call;
  with_number.pass = WithNumber(call.pass);
  with_number.arguments.parameter = Load(call.row_dtype, call.row, 0);
  return with_number;
}

void RunByChannels(const ChannelCall& call, Access access, const std::vector<AxisRun>& runs, const ShareUnits& share) {
  const auto run = [&](auto lane) {
    Runner<decltype(lane)> runner(call, access, runs);
    share(runner.Units(), [&](std::size_t unit) { runner.RunUnit(unit); });
    runner.WriteRowGradient();
  };
  call.dtype == DType::kFloat64 ? run(double()) : run(float());
}

}  // namespace tfcustomact::cpu
