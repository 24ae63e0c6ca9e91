/** Text on its way to C and back, and values that may be absent. */
#ifndef USM_TEXT_HPP
#define USM_TEXT_HPP

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/**
 * A text that is handed to C, made from a literal, a std::string, a std::string_view or a
 * std::filesystem::path. Only a parameter: it does not outlive what it was made from. A text
 * with a NUL byte inside is refused, since C would take it for a shorter one.
 */
class Text {
public:
    Text(const char *text) noexcept : text_(text) {}
    Text(const std::string &text) : text_(text.c_str()) { demand_whole(text); }
    Text(std::string_view text) : own_(text), text_(own_.c_str()) { demand_whole(own_); }
    template <typename Path,
              typename = std::enable_if_t<std::is_same_v<
                  const std::string &, decltype(std::declval<const Path &>().native())>>>
    Text(const Path &path) : Text(path.native()) {}
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    const char *c_str() const noexcept { return text_; }
    /** For a function to which NULL means that there is none. */
    const char *c_str_or_null() const noexcept {
        return text_ == nullptr || *text_ == '\0' ? nullptr : text_;
    }

private:
    void demand_whole(std::string_view text) {
        if (text.find('\0') == std::string_view::npos) return;
        // Where that does not end the call: no function takes what is not UTF-8.
        text_ = "\xff";
        detail::fail(Error(USM_ERR_INVALID_ARGUMENT, 0,
                           "text: \"" + std::string(text.data()) +
                               "\" goes on behind a NUL byte, where it would be cut off"));
    }

    std::string own_;
    const char *text_;
};

/** A number, or nothing where it is not known (NaN). */
inline std::optional<double> known(double value) noexcept {
    return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

/** A text, or nothing where there is none (NULL); it lives as long as what it is from. */
inline std::optional<std::string_view> known(const char *text) noexcept {
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
}

namespace detail {

/** A text to be kept, unless it is NULL. */
inline std::optional<std::string> text_if_given(const Text &text) {
    if (text.c_str() == nullptr) return std::nullopt;
    return std::string(text.c_str());
}

/** Takes over a text that the library gave away. */
inline std::string take(char *text) {
    const std::unique_ptr<char, void (*)(char *)> owner(text, usm_string_free);
    return text == nullptr ? std::string() : std::string(text);
}

/** The text that a call gives away. */
template <typename Call>
std::string text_of(Call call) {
    char *text = nullptr;
    check(call(&text));
    return take(text);
}

/** The text that a call gives away, or nothing where there is none. */
template <typename Call>
std::optional<std::string> text_if_any(Call call) {
    char *text = nullptr;
    check(call(&text));
    if (text == nullptr) return std::nullopt;
    return take(text);
}

/** The text that a call lends. */
template <typename Call>
const char *lent(Call call) {
    const char *text = nullptr;
    check(call(&text));
    return text == nullptr ? "" : text;
}

}  // namespace detail

USM_END_NAMESPACE

#endif  // USM_TEXT_HPP
