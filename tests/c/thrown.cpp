// A callback that throws: the process ends, with a message that names the callback. Each case is
// this program once more, in a process of its own.
#include <csignal>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "hogs.h"

namespace {

extern "C" int32_t throws(const usm_event *, void *) {
    throw std::runtime_error("out of a callback");
}

extern "C" void log_throws(const usm_log_message *, void *) {
    throw std::runtime_error("out of a callback of the log");
}

extern "C" int32_t ends_its_thread(const usm_event *, void *) {
    pthread_exit(nullptr);
}

extern "C" int32_t returns(const usm_event *, void *) {
    return 0;
}

// Which the log tells.
extern "C" int32_t fails(const usm_event *, void *) {
    return 1;
}

extern "C" void destroy_throws(void *) {
    throw 7;
}

extern "C" int32_t progress_throws(const usm_progress *, void *) {
    throw std::runtime_error("out of a progress callback");
}

// Whoever catches what comes out of a call of the library catches nothing: it does not come.
void in_the_child(const std::string &what, const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    if (what == "callback" || what == "thread") {
        CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL,
                                       what == "callback" ? throws : ends_its_thread, nullptr,
                                       nullptr, nullptr));
        CHECK_OK(usm_monitor_collect(monitor, nullptr));
        for (;;) pause();
    } else if (what == "log") {
        CHECK_OK(usm_log_set_callback(log_throws, nullptr, nullptr, USM_LOG_DEBUG));
        CHECK_OK(usm_monitor_set_text(monitor, "log_level", "DEBUG"));
        CHECK_OK(usm_monitor_subscribe(monitor, USM_EVENTS_ALL, fails, nullptr, nullptr, nullptr));
        CHECK_OK(usm_monitor_collect(monitor, nullptr));
        for (;;) pause();
    } else if (what == "destroy") {
        try {
            usm_monitor_subscribe(monitor, 0, returns, nullptr, destroy_throws, nullptr);
        } catch (...) {
            _exit(3);
        }
    } else {
        usm_execute_options options = USM_EXECUTE_OPTIONS_INIT;
        usm_execution_report *report = nullptr;
        start_hogs();
        options.progress = progress_throws;
        try {
            usm_optimizer_execute(optimizer_of_hogs(folder), action_on("set_batch", hogs[0]),
                                  &options, &report);
        } catch (...) {
            _exit(3);
        }
    }
    _exit(4);
}

// What the child says before it ends.
std::string said_by_child(char **argv, const char *what, int *status) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("CHECK_THROWN", what, 1);
        execv(argv[0], argv);
        _exit(5);
    }
    close(ends[1]);
    std::string said;
    char part[512];
    ssize_t read_bytes;
    while ((read_bytes = read(ends[0], part, sizeof part)) > 0) {
        said.append(part, static_cast<size_t>(read_bytes));
    }
    close(ends[0]);
    CHECK(waitpid(child, status, 0) == child);
    return said;
}

void check_end(char **argv, const char *what, const char *named) {
    int status = 0;
    const std::string said = said_by_child(argv, what, &status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
        said.find(named) != std::string::npos) {
        return;
    }
    std::fprintf(stderr, "%s: status %d, and it said: %s\n", what, status, said.c_str());
    std::exit(1);
}

} // namespace

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    const rlimit none = {0, 0};
    const char *what = std::getenv("CHECK_THROWN");
    CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
    if (what != nullptr) in_the_child(what, folder);
    const char *subscribed = "libusm: a callback given to usm_monitor_subscribe() was left";
    check_end(argv, "callback", subscribed);
    check_end(argv, "thread", subscribed);
    check_end(argv, "log", "libusm: a callback given to usm_log_set_callback() was left");
    check_end(argv, "destroy", "libusm: a destroy function was left");
    check_end(argv, "progress", "libusm: a progress callback was left");
    return 0;
}
