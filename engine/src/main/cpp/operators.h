// Operators as libtorch calls them: arguments and results lie in the stack, as many as the schema has.
#pragma once

#include <cstdint>

#include "torch_api.h"

namespace qwark {

void norm_heads_linear(StableIValue* stack, uint64_t, uint64_t);
void attend(StableIValue* stack, uint64_t, uint64_t);
void move_slots(StableIValue* stack, uint64_t, uint64_t);

}  // namespace qwark
