// What the C++ tests share: the status that a call fails with, and what every owner does.
#ifndef OWNING_HPP
#define OWNING_HPP

#include <cstdlib>
#include <type_traits>
#include <utility>

#include "check.h"
#include "usm.hpp"

template <typename Call>
static usm_status failure_of(Call call) {
    try {
        call();
    } catch (const usm::Error &error) {
        CHECK(error.what()[0] != '\0');
        return error.status();
    }
    fprintf(stderr, "no exception was thrown\n");
    exit(1);
}

// Takes a sample, however long that takes under valgrind: collect() waits 10 seconds at most.
static inline void sample(usm::Monitor &monitor) {
    const std::uint64_t known = monitor.metrics().sequence;
    monitor.start();
    monitor.wait(known, std::chrono::seconds(200));
    monitor.stop();
}

// An owner is moved, also onto itself, gives its handle away and takes it over; `works` is
// told of whoever holds it.
template <typename Owner, typename Works>
static void is_owned(Owner owner, Works works) {
    static_assert(!std::is_copy_constructible_v<Owner> && !std::is_copy_assignable_v<Owner>);
    static_assert(std::is_nothrow_move_constructible_v<Owner>);
    static_assert(std::is_nothrow_move_assignable_v<Owner>);
    CHECK(owner && owner.get() != nullptr);
    auto *const handle = owner.get();
    works(owner);

    Owner moved(std::move(owner));
    CHECK(!owner && owner.get() == nullptr && moved.get() == handle);
    works(moved);
    CHECK(failure_of([&] { works(owner); }) == USM_ERR_INVALID_ARGUMENT);

    owner = std::move(moved);
    CHECK(owner.get() == handle && moved.get() == nullptr);
    Owner &itself = owner;
    owner = std::move(itself);
    CHECK(owner.get() == handle);
    works(owner);

    auto *const given = owner.release();
    CHECK(given == handle && !owner && owner.release() == nullptr);
    Owner taken(given);
    CHECK(taken.get() == handle);
    works(taken);
    taken.reset();
    CHECK(!taken);
    taken.reset();
}

#endif  // OWNING_HPP
