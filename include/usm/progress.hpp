/** Functions of the program's own that the library calls, and what they throw. */
#ifndef USM_PROGRESS_HPP
#define USM_PROGRESS_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/**
 * Told of each step of a long piece of work, on the thread that called for it; false cancels.
 * An exception cancels, too, and is thrown on by the call.
 */
using ProgressFunction = std::function<bool(const usm_progress &)>;

/** Told of an exception that left a function of the program's own, where the library called it. */
using ExceptionFunction = std::function<void(std::exception_ptr)>;

/** How much is done, 0 to 1; nothing where the number of steps is not known. */
inline std::optional<double> fraction_of(const usm_progress &progress) noexcept {
    if (progress.total == 0) return std::nullopt;
    return static_cast<double>(progress.done) / static_cast<double>(progress.total);
}

namespace detail {

/** Calls a function, and gives what it throws: nothing may leave through the library. */
template <typename Function>
std::exception_ptr thrown_by(Function &&function) noexcept {
#if USM_HAS_EXCEPTIONS
    try {
        function();
    } catch (...) {
        return std::current_exception();
    }
#else
    function();
#endif
    return nullptr;
}

/** Throws on what thrown_by() has caught. */
[[noreturn]] inline void throw_on(const std::exception_ptr &thrown) {
#if USM_HAS_EXCEPTIONS
    std::rethrow_exception(thrown);
#else
    (void)thrown;
    std::abort();
#endif
}

/** Whether a function is one that can't be called. */
template <typename Function>
bool is_empty(const Function &function) noexcept {
    if constexpr (std::is_pointer_v<Function>) {
        return function == nullptr;
    } else if constexpr (std::is_constructible_v<Function, std::nullptr_t> &&
                         std::is_constructible_v<bool, const Function &>) {
        return !static_cast<bool>(function);
    } else {
        return false;
    }
}

/** Tells a function of the progress; an exception waits here until the call has returned. */
class Telling {
public:
    explicit Telling(const ProgressFunction &progress) noexcept : progress_(progress) {}
    Telling(const Telling &) = delete;
    Telling &operator=(const Telling &) = delete;

    /** What the library calls with user_data(). */
    usm_progress_callback callback() const noexcept { return progress_ ? &tell : nullptr; }
    void *user_data() noexcept { return this; }

    /** Throws what the function threw, or what the status says. */
    void finish(usm_status status) const {
        if (thrown_) throw_on(thrown_);
        check(status);
    }

private:
    static std::int32_t tell(const usm_progress *seen, void *user_data) noexcept {
        auto *telling = static_cast<Telling *>(user_data);
        bool goes_on = false;
        if (!telling->thrown_) {
            telling->thrown_ = thrown_by([&] { goes_on = telling->progress_(*seen); });
        }
        return goes_on && !telling->thrown_ ? 0 : 1;
    }

    const ProgressFunction &progress_;
    std::exception_ptr thrown_;
};

}  // namespace detail

USM_END_NAMESPACE

#endif  // USM_PROGRESS_HPP
