/**
 * Failures. A call that fails throws Error; attempt() gives a Result instead, also in a
 * program that is built without exceptions.
 *
 *     usm::Result<usm::Metrics> metrics = usm::attempt([&] { return monitor.metrics(); });
 *     if (metrics) show(*metrics);
 *     else log(metrics.error().what());
 */
#ifndef USM_ERROR_HPP
#define USM_ERROR_HPP

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "../usm.h"
#include "namespace.hpp"

USM_BEGIN_NAMESPACE

/** A call that failed: what() is the message of usm_last_error_message(). */
class Error : public std::runtime_error {
public:
    Error(usm_status status, int os_code, const std::string &message)
        : std::runtime_error(message), status_(status), os_code_(os_code) {}

    /** USM_ERR_... */
    usm_status status() const noexcept { return status_; }
    /** The system's error number, or 0. */
    int os_code() const noexcept { return os_code_; }
    /** The status by its name. */
    const char *name() const noexcept { return usm_status_name(status_); }

private:
    usm_status status_;
    int os_code_;
};

/** The last failure of this thread, for who calls functions of C itself. */
inline Error last_error(usm_status status) {
    return Error(status, usm_last_error_os_code(), usm_last_error_message());
}

#if !USM_HAS_EXCEPTIONS

/** Told of a failure that nobody has asked for by attempt(); the program is aborted then. */
using FailureHandler = void (*)(const Error &);

namespace detail {

inline void say(const Error &error) {
    std::fprintf(stderr, "usm: %s: %s\n", error.name(), error.what());
}

inline FailureHandler failure_handler = &say;

/** Keeps the first failure of an attempt; attempts may be nested. */
struct Attempt {
    Attempt() noexcept : outer(current) { current = this; }
    ~Attempt() { current = outer; }
    Attempt(const Attempt &) = delete;
    Attempt &operator=(const Attempt &) = delete;

    std::optional<Error> failure;
    Attempt *outer;
    static thread_local Attempt *current;
};

inline thread_local Attempt *Attempt::current = nullptr;

}  // namespace detail

/**
 * Changes what is told of a failure outside of attempt() before the program is aborted; by
 * default stderr is. Call it before there are threads. Only without exceptions.
 */
inline void set_failure_handler(FailureHandler handler) noexcept {
    detail::failure_handler = handler != nullptr ? handler : &detail::say;
}

#endif

namespace detail {

/** Ends what goes on, since there is no value to go on with. */
[[noreturn]] inline void give_up(const Error &error) {
#if USM_HAS_EXCEPTIONS
    throw error;
#else
    failure_handler(error);
    std::abort();
#endif
}

/**
 * Tells of a failure. It returns only without exceptions and inside an attempt: what follows
 * then works on empty values, which every function of C refuses.
 */
inline void fail(const Error &error) {
#if !USM_HAS_EXCEPTIONS
    if (Attempt *attempt = Attempt::current; attempt != nullptr) {
        if (!attempt->failure) attempt->failure = error;
        return;
    }
#endif
    give_up(error);
}

}  // namespace detail

/** Throws Error unless a status is USM_OK. */
inline void check(usm_status status) {
    if (status != USM_OK) detail::fail(last_error(status));
}

/** A value, or the Error for which there is none. */
template <typename Value>
class [[nodiscard]] Result {
public:
    using value_type = Value;

    Result(Value value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    /** USM_OK, or USM_ERR_... */
    usm_status status() const noexcept { return has_value() ? USM_OK : error_()->status(); }
    /** What went wrong; empty, with USM_OK, where there is a value. */
    Error error() const { return has_value() ? Error(USM_OK, 0, std::string()) : *error_(); }

    /** The value; throws the error where there is none. */
    Value &value() & {
        demand();
        return *std::get_if<0>(&content_);
    }
    const Value &value() const & {
        demand();
        return *std::get_if<0>(&content_);
    }
    Value &&value() && {
        demand();
        return std::move(*std::get_if<0>(&content_));
    }
    Value &operator*() & { return value(); }
    const Value &operator*() const & { return value(); }
    Value &&operator*() && { return std::move(*this).value(); }
    Value *operator->() { return &value(); }
    const Value *operator->() const { return &value(); }

    /** The value, or another one in its place. */
    template <typename Other>
    Value value_or(Other &&other) const & {
        return has_value() ? value() : static_cast<Value>(std::forward<Other>(other));
    }
    template <typename Other>
    Value value_or(Other &&other) && {
        return has_value() ? std::move(*this).value()
                           : static_cast<Value>(std::forward<Other>(other));
    }

private:
    const Error *error_() const noexcept { return std::get_if<1>(&content_); }
    void demand() const {
        if (!has_value()) detail::give_up(*error_());
    }

    std::variant<Value, Error> content_;
};

/** That a call went well, or the Error for which it did not. */
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() noexcept = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    /** USM_OK, or USM_ERR_... */
    usm_status status() const noexcept { return error_ ? error_->status() : USM_OK; }
    /** What went wrong; empty, with USM_OK, where nothing did. */
    Error error() const { return error_ ? *error_ : Error(USM_OK, 0, std::string()); }
    /** Throws the error where there is one. */
    void value() const {
        if (error_) detail::give_up(*error_);
    }

private:
    std::optional<Error> error_;
};

/**
 * Calls a function, and gives what it returns, or the Error that it failed with; any other
 * exception goes through. Without exceptions a failure does not leave the function: what
 * follows it there goes on with an empty value, and the first failure is what is given. So
 * there it should hold one call.
 */
template <typename Function>
auto attempt(Function &&function) -> Result<std::decay_t<std::invoke_result_t<Function>>> {
    using Value = std::decay_t<std::invoke_result_t<Function>>;
#if USM_HAS_EXCEPTIONS
    try {
        if constexpr (std::is_void_v<Value>) {
            std::invoke(std::forward<Function>(function));
            return Result<Value>();
        } else {
            return Result<Value>(std::invoke(std::forward<Function>(function)));
        }
    } catch (const Error &error) {
        return Result<Value>(error);
    }
#else
    detail::Attempt attempt;
    if constexpr (std::is_void_v<Value>) {
        std::invoke(std::forward<Function>(function));
        return attempt.failure ? Result<Value>(*attempt.failure) : Result<Value>();
    } else {
        Value value = std::invoke(std::forward<Function>(function));
        if (attempt.failure) return Result<Value>(*attempt.failure);
        return Result<Value>(std::move(value));
    }
#endif
}

USM_END_NAMESPACE

#endif  // USM_ERROR_HPP
