/**
 * Owners of the structs of the Arrow C interface.
 *
 *     usm::ArrowStream stream = table.arrow_stream();
 *     auto reader = arrow::ImportRecordBatchReader(stream.get());  // takes it over
 */
#ifndef USM_ARROW_HPP
#define USM_ARROW_HPP

#include <optional>
#include <string>
#include <utility>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/** Releases a struct of the Arrow C interface, unless a consumer has moved it away. */
template <typename Plain>
class ArrowOwner {
public:
    ArrowOwner() noexcept : plain_() {}
    /** Takes over a struct as C hands it out. */
    explicit ArrowOwner(const Plain &plain) noexcept : plain_(plain) {}
    ~ArrowOwner() { reset(); }
    ArrowOwner(ArrowOwner &&other) noexcept : plain_(other.release()) {}
    ArrowOwner &operator=(ArrowOwner &&other) noexcept {
        ArrowOwner moved(std::move(other));
        std::swap(plain_, moved.plain_);
        return *this;
    }
    ArrowOwner(const ArrowOwner &) = delete;
    ArrowOwner &operator=(const ArrowOwner &) = delete;

    /** The struct, for a consumer that reads it or moves it away. */
    Plain *get() noexcept { return &plain_; }
    const Plain *get() const noexcept { return &plain_; }
    const Plain *operator->() const noexcept { return &plain_; }
    /** Whether there is something to be released. */
    explicit operator bool() const noexcept { return plain_.release != nullptr; }
    /** Gives the struct away, whose `release` is to be called. */
    [[nodiscard]] Plain release() noexcept {
        const Plain given = plain_;
        plain_.release = nullptr;
        return given;
    }
    /** Releases it now. */
    void reset() noexcept {
        if (plain_.release != nullptr) plain_.release(&plain_);
        plain_.release = nullptr;
    }

private:
    Plain plain_;
};

/** The types of a stream's columns. */
using ArrowSchemaOwner = ArrowOwner<::ArrowSchema>;

/** A batch of a stream. */
using ArrowArrayOwner = ArrowOwner<::ArrowArray>;

/** An Arrow C stream; used by one thread at a time. */
class ArrowStream : public ArrowOwner<::ArrowArrayStream> {
public:
    using ArrowOwner<::ArrowArrayStream>::ArrowOwner;

    /** The types of the columns. */
    ArrowSchemaOwner schema() {
        ArrowSchemaOwner schema;
        if (is_open()) demand(get()->get_schema(get(), schema.get()));
        return schema;
    }
    /** The next batch; nothing at the end. */
    std::optional<ArrowArrayOwner> next() {
        ArrowArrayOwner batch;
        if (is_open()) demand(get()->get_next(get(), batch.get()));
        if (!batch) return std::nullopt;
        return batch;
    }

private:
    bool is_open() const {
        if (!*this) {
            detail::fail(Error(USM_ERR_INVALID_STATE, 0, "the Arrow stream was moved away"));
        }
        return static_cast<bool>(*this);
    }
    void demand(int error) {
        if (error == 0) return;
        const char *why = get()->get_last_error(get());
        detail::fail(Error(USM_ERR_IO, error, why != nullptr ? why : "the Arrow stream failed"));
    }
};

USM_END_NAMESPACE

#endif  // USM_ARROW_HPP
