#include "strings.h"

#include <cstdint>
#include <vector>

#include "errors.h"

namespace qwark::binding {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

void append_utf8(std::string& to, uint32_t point) {
  if (point < 0x80) {
    to += static_cast<char>(point);
    return;
  }
  int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static constexpr uint8_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  to += static_cast<char>(kLead[more] | (point >> (6 * more)));
  while (more-- > 0) to += static_cast<char>(0x80 | ((point >> (6 * more)) & 0x3F));
}

// The code point that starts at `i`, which moves behind it; what is no UTF-8 counts byte by byte.
uint32_t next_point(const std::string& text, size_t& i) {
  auto byte = [&](size_t at) { return at < text.size() ? static_cast<uint8_t>(text[at]) : 0u; };
  uint32_t lead = byte(i++);
  if (lead < 0x80) return lead;
  size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  static constexpr uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (lead < 0xC0 || lead > 0xF4) return kReplacement;
  uint32_t point = lead & (0x3F >> more);
  for (size_t k = 0; k < more; k++) {
    if ((byte(i + k) & 0xC0) != 0x80) return kReplacement;
    point = point << 6 | (byte(i + k) & 0x3F);
  }
  bool surrogate = point >= 0xD800 && point < 0xE000;
  if (point < kSmallest[more] || point > 0x10FFFF || surrogate) return kReplacement;
  i += more;
  return point;
}

}  // namespace

std::string from_java(JNIEnv* env, jstring text) {
  require(text != nullptr, "a string is null");
  std::vector<jchar> units(env->GetStringLength(text));
  env->GetStringRegion(text, 0, units.size(), units.data());
  pass_on_exceptions(env);
  std::string result;
  for (size_t i = 0; i < units.size(); i++) {
    uint32_t point = units[i];
    if (point >= 0xD800 && point < 0xE000) {
      bool pair = point < 0xDC00 && i + 1 < units.size() && units[i + 1] >= 0xDC00 &&
                  units[i + 1] < 0xE000;
      point = pair ? 0x10000 + ((point - 0xD800) << 10) + (units[++i] - 0xDC00) : kReplacement;
    }
    append_utf8(result, point);
  }
  return result;
}

jstring to_java(JNIEnv* env, const std::string& text) {
  std::vector<jchar> units;
  for (size_t i = 0; i < text.size();) {
    uint32_t point = next_point(text, i);
    if (point >= 0x10000) {
      units.push_back(static_cast<jchar>(0xD800 + ((point - 0x10000) >> 10)));
      point = 0xDC00 + ((point - 0x10000) & 0x3FF);
    }
    units.push_back(static_cast<jchar>(point));
  }
  jstring result = env->NewString(units.data(), static_cast<jsize>(units.size()));
  pass_on_exceptions(env);
  return result;
}

}  // namespace qwark::binding
