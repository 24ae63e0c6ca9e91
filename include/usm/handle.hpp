/** Owners of what C hands out: handles, and plain structs that know their size. */
#ifndef USM_HANDLE_HPP
#define USM_HANDLE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/**
 * Owns a handle, which Free ends: every class that stands for one is made of it. Moving
 * leaves an owner of nothing, whose calls throw Error with USM_ERR_INVALID_ARGUMENT.
 */
template <typename Plain, void (*Free)(Plain **)>
class Handle {
public:
    /** Takes over a handle that a function of C has made; NULL for none. */
    explicit Handle(Plain *handle) noexcept : handle_(handle) {}
    ~Handle() { Free(&handle_); }
    Handle(Handle &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Handle &operator=(Handle &&other) noexcept {
        Handle moved(std::move(other));
        std::swap(handle_, moved.handle_);
        return *this;
    }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;

    /** The handle, for functions of C; it stays the owner's. */
    Plain *get() const noexcept { return handle_; }
    /** Gives the handle away, to be ended by its _free function. */
    [[nodiscard]] Plain *release() noexcept { return std::exchange(handle_, nullptr); }
    /** Ends it now. */
    void reset() noexcept { Free(&handle_); }
    /** Whether there is a handle. */
    explicit operator bool() const noexcept { return handle_ != nullptr; }

protected:
    /** For a function that takes the handle's address and ends it itself. */
    Plain **address() noexcept { return &handle_; }

private:
    Plain *handle_;
};

namespace detail {

/** A plain struct that knows its size. */
template <typename Plain>
struct Sized : Plain {
    Sized() noexcept : Plain() { this->struct_size = static_cast<std::uint32_t>(sizeof(Plain)); }
};

/** What a call gives through its last argument. */
template <typename Value, typename Call>
Value given(Call call) {
    Value value{};
    check(call(&value));
    return value;
}

/** A handle that a call makes. */
template <typename Plain, typename Call>
Plain *made(Call call) {
    return given<Plain *>(call);
}

/** Fills a list, one element after the other. */
template <typename Element, typename Fill>
std::vector<Element> list_of(std::uint64_t count, Fill fill) {
    std::vector<Element> list(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < list.size(); i++) check(fill(i, &list[i]));
    return list;
}

/**
 * Copies an array, at most `limit` elements, out of a call that takes (array, element_size,
 * capacity, count): one call where `expected` elements are enough.
 */
template <typename Element, typename Plain, typename Call>
std::vector<Element> array_of(std::size_t expected, std::size_t limit, Call call) {
    static_assert(sizeof(Element) == sizeof(Plain), "the elements are those of C");
    std::vector<Element> list(std::min(expected, limit));
    for (;;) {
        std::size_t count = 0;
        Plain *const array = list.empty() ? nullptr : list.data();
        check(call(array, sizeof(Plain), list.size(), &count));
        const std::size_t wanted = std::min(count, limit);
        const bool is_whole = wanted <= list.size();
        list.resize(wanted);
        if (is_whole) return list;
    }
}

/** Goes through what has size() and at(), for a range-for; at() gives values. */
template <typename List>
class Iterator {
public:
    using value_type = decltype(std::declval<const List &>().at(std::size_t{0}));
    using reference = value_type;
    using pointer = void;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    Iterator() = default;
    Iterator(const List *list, std::size_t index) noexcept : list_(list), index_(index) {}

    value_type operator*() const { return list_->at(index_); }
    Iterator &operator++() noexcept {
        index_++;
        return *this;
    }
    Iterator operator++(int) noexcept { return Iterator(list_, index_++); }
    friend bool operator==(const Iterator &a, const Iterator &b) noexcept {
        return a.index_ == b.index_;
    }
    friend bool operator!=(const Iterator &a, const Iterator &b) noexcept { return !(a == b); }

private:
    const List *list_ = nullptr;
    std::size_t index_ = 0;
};

}  // namespace detail

USM_END_NAMESPACE

#endif  // USM_HANDLE_HPP
