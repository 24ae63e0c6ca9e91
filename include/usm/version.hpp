/** Versions of the header and of the library that runs. */
#ifndef USM_VERSION_HPP
#define USM_VERSION_HPP

#include <cstddef>
#include <cstdint>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/** The version of the library that runs; USM_VERSION is that of the header. */
inline const char *version() noexcept { return usm_version(); }

/** The number of the interface of the library that runs. */
inline std::uint32_t abi_version() noexcept { return usm_abi_version(); }

/** Throws Error unless the library that runs is one that this header is for. */
inline void demand_abi() { check(usm_check_header()); }

/** Throws Error unless the library that runs is for a number of the interface. */
inline void demand_abi(std::uint32_t number) { check(usm_check_version(number)); }

/** How many handles are in use, for a test that a program ends what it makes. */
inline std::size_t handles_in_use() noexcept { return usm_handles_in_use(); }

USM_END_NAMESPACE

#endif  // USM_VERSION_HPP
