/** Versions of the header and of the library that runs. */
#ifndef USM_VERSION_HPP
#define USM_VERSION_HPP

#include <cstdint>
#include <string>

#include "error.hpp"

USM_BEGIN_NAMESPACE

/** The version of the library that runs; USM_VERSION is that of the header. */
inline const char *version() noexcept { return usm_version(); }

/** The number of the interface of the library that runs. */
inline std::uint32_t abi_version() noexcept { return usm_abi_version(); }

/** Throws Error unless the library that runs is one that this header is for. */
inline void demand_abi() {
    if (abi_version() == USM_ABI_VERSION) return;
    detail::fail(Error(USM_ERR_UNSUPPORTED, 0,
                       "libusm " + std::string(version()) + " has interface " +
                           std::to_string(abi_version()) + ", the program was built for " +
                           std::to_string(USM_ABI_VERSION)));
}

USM_END_NAMESPACE

#endif  // USM_VERSION_HPP
