/* What ThreadSanitizer does not see of Rust's standard library.
 *
 * The standard library comes compiled, without the sanitizer's instrumentation. What of it is
 * generic or inlined is compiled with this project, and so is seen: a lock that is free, an
 * atomic number, a channel. What is not is below: the slow ways of locks, the condition
 * variable, the first use of a OnceLock. Each is wrapped by the linker (--wrap, with the names
 * that ffi/tsan/run.sh found) and tells the sanitizer what it does: who gives a lock away has
 * happened before who takes it.
 *
 * And two things that the sanitizer does not do by itself:
 * - A fence has no address. It is told as one lock that every fence takes or gives, as its order
 *   says: that never invents a race, and hides one only between two threads that both fence.
 * - The last owner of an Arc takes what the others gave with a fence of its own, since the
 *   standard library was not compiled for the sanitizer. A subtraction that releases is told
 *   as one that acquires too.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "std_names.h"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define REAL_(name) __real_##name
#define REAL(name) REAL_(name)
#define WRAP_(name) __wrap_##name
#define WRAP(name) WRAP_(name)

/* Mutex::lock(), when it has to wait. The unlocking is inlined. */
void REAL(MUTEX_LOCK_CONTENDED)(void *mutex);
void WRAP(MUTEX_LOCK_CONTENDED)(void *mutex) {
    REAL(MUTEX_LOCK_CONTENDED)(mutex);
    __tsan_acquire(mutex);
}

/* Condvar::wait(): gives the lock away and takes it again. */
void REAL(CONDVAR_WAIT)(void *condvar, void *mutex);
void WRAP(CONDVAR_WAIT)(void *condvar, void *mutex) {
    __tsan_release(mutex);
    REAL(CONDVAR_WAIT)(condvar, mutex);
    __tsan_acquire(mutex);
}

bool REAL(CONDVAR_WAIT_TIMEOUT)(void *condvar, void *mutex, uint64_t seconds, uint32_t nanos);
bool WRAP(CONDVAR_WAIT_TIMEOUT)(void *condvar, void *mutex, uint64_t seconds, uint32_t nanos) {
    bool notified;
    __tsan_release(mutex);
    notified = REAL(CONDVAR_WAIT_TIMEOUT)(condvar, mutex, seconds, nanos);
    __tsan_acquire(mutex);
    return notified;
}

/* RwLock::read() and write(), when they have to wait. */
void REAL(RWLOCK_READ_CONTENDED)(void *lock);
void WRAP(RWLOCK_READ_CONTENDED)(void *lock) {
    REAL(RWLOCK_READ_CONTENDED)(lock);
    __tsan_acquire(lock);
}

void REAL(RWLOCK_WRITE_CONTENDED)(void *lock);
void WRAP(RWLOCK_WRITE_CONTENDED)(void *lock) {
    REAL(RWLOCK_WRITE_CONTENDED)(lock);
    __tsan_acquire(lock);
}

/* Once::call(): the closure has happened before every look that finds it done, and that look is
 * inlined. So the closure itself has to say so at its end: it is put into another one, by the
 * layout of a `&mut dyn FnMut`: [drop, size, alignment, call_once, call_mut, ...]. */
enum { CALL_MUT = 4 };

struct told_closure {
    void *once;
    void *data;
    void *const *methods;
};

static void call_and_tell(struct told_closure *told, void *state) {
    ((void (*)(void *, void *))told->methods[CALL_MUT])(told->data, state);
    __tsan_release(told->once);
}

void REAL(ONCE_CALL)(void *once, bool ignore_poisoning, void *data, void *const *methods);
void WRAP(ONCE_CALL)(void *once, bool ignore_poisoning, void *data, void *const *methods) {
    struct told_closure told = {once, data, methods};
    void *const own[] = {NULL, (void *)sizeof told, (void *)_Alignof(struct told_closure), NULL,
                         (void *)call_and_tell};
    REAL(ONCE_CALL)(once, ignore_poisoning, &told, own);
    __tsan_acquire(once);
}

/* The orders of memory, as the sanitizer numbers them. */
enum { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQUIRE_RELEASE, SEQUENTIAL };

static char every_fence;

void REAL(__tsan_atomic_thread_fence)(int order);
void WRAP(__tsan_atomic_thread_fence)(int order) {
    if (order != RELEASE) __tsan_acquire(&every_fence);
    if (order != ACQUIRE) __tsan_release(&every_fence);
    REAL(__tsan_atomic_thread_fence)(order);
}

uint64_t REAL(__tsan_atomic64_fetch_sub)(volatile uint64_t *address, uint64_t value, int order);
uint64_t WRAP(__tsan_atomic64_fetch_sub)(volatile uint64_t *address, uint64_t value, int order) {
    return REAL(__tsan_atomic64_fetch_sub)(address, value,
                                           order == RELEASE ? ACQUIRE_RELEASE : order);
}
