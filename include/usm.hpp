/**
 * libusm for C++17: usm.h with owners, exceptions, ranges, <chrono>, std::optional and
 * functions of the program's own. Header only; a file below usm/ for each subject, each of
 * which may be included alone. The conventions are those of usm.h.
 *
 *     usm::Monitor monitor;
 *     monitor.start();
 *     monitor.wait(0, std::chrono::seconds(5));
 *     usm::Metrics metrics = monitor.metrics();
 *     if (auto cpu = metrics.value(&usm_metrics::cpu_percent)) std::cout << *cpu << "%\n";
 *
 * Owners. Every class that stands for a handle owns it: it can be moved, not copied; get()
 * lends the handle to functions of C, release() gives it away, the constructor from a handle
 * takes one over. A moved-from owner holds nothing, and its calls fail.
 *
 * Failures. A call that fails throws usm::Error; usm::attempt() gives a usm::Result instead.
 * Without exceptions (-fno-exceptions) a failure outside of attempt() tells the failure
 * handler and aborts. RTTI is not needed.
 *
 * Texts and numbers that a struct only points to live as long as what they came from. A call
 * that would lend them from something gone at the end of the expression does not compile.
 *
 * Absent values: NaN, NULL and cleared bits in the plain structs; value(&struct::field),
 * usm::known() and usm::time_of() give them as std::optional.
 *
 * Functions. What a function of the program's own throws never leaves through the library:
 * of a subscription it is counted, kept and handed to a handler, of a progress function it
 * cancels the work and is thrown on by the call.
 *
 * Threads. What usm.h says of a handle holds for its owner; moving, assigning and destroying
 * it is for one thread.
 */
#ifndef USM_HPP
#define USM_HPP

#include "usm/actions.hpp"
#include "usm/arrow.hpp"
#include "usm/config.hpp"
#include "usm/error.hpp"
#include "usm/event.hpp"
#include "usm/files.hpp"
#include "usm/findings.hpp"
#include "usm/handle.hpp"
#include "usm/history.hpp"
#include "usm/log.hpp"
#include "usm/metrics.hpp"
#include "usm/migration.hpp"
#include "usm/models.hpp"
#include "usm/monitor.hpp"
#include "usm/optimizer.hpp"
#include "usm/parts.hpp"
#include "usm/progress.hpp"
#include "usm/recording.hpp"
#include "usm/service.hpp"
#include "usm/settings.hpp"
#include "usm/state.hpp"
#include "usm/table.hpp"
#include "usm/text.hpp"
#include "usm/time.hpp"
#include "usm/version.hpp"

#endif  // USM_HPP
