/**
 * Opens and closes the namespace of the C++ face. Its inline functions are others in a part
 * of a program that is built without exceptions, and one program may have parts of both
 * kinds: so they have different names for the linker.
 */
#ifndef USM_NAMESPACE_HPP
#define USM_NAMESPACE_HPP

#if defined(__cpp_exceptions)
#define USM_HAS_EXCEPTIONS 1
#define USM_BEGIN_NAMESPACE namespace usm {
#define USM_END_NAMESPACE }
#else
#define USM_HAS_EXCEPTIONS 0
#define USM_BEGIN_NAMESPACE \
    namespace usm { \
    inline namespace without_exceptions {
#define USM_END_NAMESPACE \
    } \
    }
#endif

#endif  // USM_NAMESPACE_HPP
