/** The parts of a state as plain structs, with what is not known as nothing. */
#ifndef USM_PARTS_HPP
#define USM_PARTS_HPP

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

namespace detail {

/** Values of a plain struct as what they are, or nothing where they are not known. */
template <typename Plain>
struct Known : Plain {
    /** Whether a whole number is known: bit is one of those of the struct. */
    bool has(std::uint32_t bit) const noexcept {
        return usm_is_present(this->present, bit) != 0;
    }
    /** A whole number, by its bit: memory.value(USM_MEMORY_FREE_BYTES, &usm_memory::free_bytes). */
    std::optional<std::uint64_t> value(std::uint32_t bit,
                                       std::uint64_t Plain::*field) const noexcept {
        return has(bit) ? std::optional<std::uint64_t>(this->*field) : std::nullopt;
    }
    /** A number. */
    std::optional<double> value(double Plain::*field) const noexcept { return known(this->*field); }
    /** A text, which lives as long as what the struct is from. */
    std::optional<std::string_view> value(const char *Plain::*field) const noexcept {
        return known(this->*field);
    }
};

/** The same, of a struct that one begins with. */
template <typename Plain>
struct Part : Known<Plain> {
    Part() noexcept : Known<Plain>() {
        this->struct_size = static_cast<std::uint32_t>(sizeof(Plain));
    }
};

}  // namespace detail

/** What the processors did together. */
struct Cpu : detail::Part<usm_cpu> {};

/** Memory and swap. */
struct Memory : detail::Part<usm_memory> {};

/** How long work had to wait for a resource (PSI). */
struct Pressure : detail::Part<usm_pressure> {};

/** What TCP did as a whole. */
struct Tcp : detail::Part<usm_tcp> {};

/** How many processes there are. */
struct ProcessCounts : detail::Part<usm_process_counts> {};

/** What else is known of a process; its texts live as long as the state. */
struct ProcessDetails : detail::Part<usm_process_details> {};

/** What is too dear to be read of every process; NaN where it can't be read. */
struct ProcessExtra {
    /** Memory with shared pages counted by share. */
    double pss_bytes = std::numeric_limits<double>::quiet_NaN();
    double open_files = std::numeric_limits<double>::quiet_NaN();
};

/** The limits of the control group; its texts live as long as the state. */
struct Limits : detail::Part<usm_limits> {};

/** What the host is; its texts live as long as the state. */
struct Host : detail::Part<usm_host> {};

/** How full the tables of the kernel are. */
struct KernelTables : detail::Part<usm_kernel_tables> {};

/** What the monitor itself costs. */
struct Overhead : detail::Part<usm_overhead> {};

/** A file system; its texts live as long as the state. */
struct Filesystem : detail::Known<usm_filesystem> {};

/** How the database does; its texts live as long as the state or the event. */
struct StoreHealth : detail::Sized<usm_store_health> {};

/** How the subscriptions do. */
struct EventHealth : detail::Sized<usm_event_health> {};

USM_END_NAMESPACE

#endif  // USM_PARTS_HPP
