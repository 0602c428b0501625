#pragma once

// The one place where options of steps and options of operators in a file meet; included by .cpp
// files of core/tflite only.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/int8/program.h"

namespace nas {

/// What a file calls "stride_h" is `MicroOptions::stride_h`.
template <typename T>
struct OptionMember {
  std::string_view name;
  T MicroOptions::*member;
};

inline constexpr OptionMember<std::int32_t> kIntMembers[] = {
    {"stride_h", &MicroOptions::stride_h},
    {"stride_w", &MicroOptions::stride_w},
    {"dilation_h", &MicroOptions::dilation_h},
    {"dilation_w", &MicroOptions::dilation_w},
    {"filter_height", &MicroOptions::filter_h},
    {"filter_width", &MicroOptions::filter_w},
    {"depth_multiplier", &MicroOptions::depth_multiplier},
    {"axis", &MicroOptions::axis},
    {"begin_mask", &MicroOptions::begin_mask},
    {"end_mask", &MicroOptions::end_mask},
    {"ellipsis_mask", &MicroOptions::ellipsis_mask},
    {"new_axis_mask", &MicroOptions::new_axis_mask},
    {"shrink_axis_mask", &MicroOptions::shrink_axis_mask},
};
inline constexpr OptionMember<bool> kBoolMembers[] = {
    {"keep_dims", &MicroOptions::keep_dims},
    {"keep_num_dims", &MicroOptions::keep_dims},
    {"pot_scale_int16", &MicroOptions::pot_scale_int16},
    {"adj_x", &MicroOptions::adj_x},
    {"adj_y", &MicroOptions::adj_y},
    {"approximate", &MicroOptions::approximate},
};
inline constexpr OptionMember<float> kFloatMembers[] = {
    {"alpha", &MicroOptions::alpha},
    {"beta", &MicroOptions::beta},
};

}  // namespace nas
