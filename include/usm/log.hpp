/** The log of the library, heard by a function of the program's own. */
#ifndef USM_LOG_HPP
#define USM_LOG_HPP

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "error.hpp"
#include "progress.hpp"

USM_BEGIN_NAMESPACE

namespace detail {

/** A function that hears the log; see Listener. */
template <typename Function>
class LogListener {
public:
    LogListener(Function function, ExceptionFunction on_exception)
        : function_(std::move(function)), on_exception_(std::move(on_exception)) {}

    static void call(const usm_log_message *message, void *user_data) noexcept {
        auto *listener = static_cast<LogListener *>(user_data);
        std::exception_ptr thrown = thrown_by([&] { listener->function_(*message); });
        if (thrown && listener->on_exception_) {
            // What the handler itself throws has nobody left to be told.
            (void)thrown_by([&] { listener->on_exception_(std::move(thrown)); });
        }
    }
    static void destroy(void *user_data) noexcept { delete static_cast<LogListener *>(user_data); }

private:
    Function function_;
    ExceptionFunction on_exception_;
};

}  // namespace detail

/**
 * Sets the function of `const usm_log_message &` that hears the log of the whole process, down
 * to a level (USM_LOG_...); the one before is heard no more, and destroyed. Several threads may
 * call it at the same time. What it throws is handed to `on_exception`, else forgotten.
 */
template <typename Function>
void set_log(std::uint32_t level, Function &&function, ExceptionFunction on_exception = nullptr) {
    using Listener = detail::LogListener<std::decay_t<Function>>;
    if (detail::is_empty(function)) {
        detail::fail(Error(USM_ERR_INVALID_ARGUMENT, 0, "log: the function is empty"));
        return;
    }
    auto listener =
        std::make_unique<Listener>(std::forward<Function>(function), std::move(on_exception));
    // From here on the library destroys it, also when it refuses it.
    check(usm_log_set_callback(&Listener::call, listener.release(), &Listener::destroy, level));
}

/** Nobody hears the log any more. */
inline void reset_log() { check(usm_log_set_callback(nullptr, nullptr, nullptr, USM_LOG_ERROR)); }

USM_END_NAMESPACE

#endif  // USM_LOG_HPP
