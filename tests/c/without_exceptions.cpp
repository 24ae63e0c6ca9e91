// usm.hpp in a program without exceptions and RTTI: results, and a handler for failures that
// nobody asked for. The tests build it with -fno-exceptions -fno-rtti, and as it is: with
// exceptions it does the same.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "usm.hpp"

static void results() {
    usm::Config config;
    const usm::Result<void> set = usm::attempt([&] { config.set("max_threads", -1); });
    CHECK(!set && set.status() == USM_ERR_INVALID_ARGUMENT);
    CHECK(std::string(set.error().what()).find("max_threads") == 0);
    const usm::Result<std::string> json = usm::attempt([&] { return config.json("max_threads"); });
    CHECK(json && !json->empty());
    CHECK(usm::attempt([&] { config.set(std::string("a\0b", 3), 1); }).status() ==
          USM_ERR_INVALID_ARGUMENT);

    // What was not made is not used: every call with it fails as well.
    usm::Result<usm::Detector> none = usm::attempt([] { return usm::Detector(7.0); });
    CHECK(!none && none.status() == USM_ERR_INVALID_ARGUMENT);
    CHECK(!usm::attempt([] { return usm::History("/nonexistent/x.usm"); }));
    CHECK(!usm::attempt([] { return usm::Detector::load("x"); }));
    CHECK(!usm::attempt([] { return usm::Table(nullptr).rows(); }));
    CHECK(!usm::attempt([] { return usm::Table(nullptr).labels(0); }));
    CHECK(!usm::attempt([] { return usm::Table(nullptr).notes(); }));
    CHECK(!usm::attempt([] { return usm::State(nullptr).processes(); }));
    CHECK(!usm::attempt([] { return usm::Findings(nullptr).json(); }));
    CHECK(!usm::attempt([] { return usm::ArrowStream().schema(); }));
    CHECK(!usm::attempt([] { return usm::ArrowStream().next(); }));
    CHECK(!usm::attempt([] { return usm::Event(nullptr).json(); }));
    CHECK(!usm::attempt([] { return usm::Replay(nullptr).next(); }));
    CHECK(!usm::attempt([] {
        const usm::ActionList none_at_all(nullptr);
        for (const usm::Action &action : none_at_all) CHECK(action.struct_size == 99);
    }));

    // The first failure is the one that is given, and attempts may be nested.
    const usm::Result<void> first = usm::attempt([] {
        usm::Config other;
        CHECK(!usm::attempt([&] { other.load_file("/nonexistent/file"); }));
        usm::Detector detector(7.0);
        other.load_file("/nonexistent/file");
    });
    CHECK(first.status() == USM_ERR_INVALID_ARGUMENT);
}

static void a_monitor(const std::string &folder) {
    usm::Config config;
    config.apply_environment().set("data_dir", folder).set("refresh_interval", 0.05);
    usm::Result<usm::Monitor> made = usm::attempt([&] { return usm::Monitor(config); });
    CHECK(made);
    usm::Monitor monitor = *std::move(made);
    std::mutex lock;
    std::condition_variable changed;
    std::uint64_t seen = 0;
    const auto update = [&](const usm::Event &event) {
        const std::lock_guard<std::mutex> guard(lock);
        CHECK(!usm::attempt([&] { return event.alert(); }));
        seen = event.metrics().sequence;
        changed.notify_all();
    };
    usm::Subscription subscription =
        monitor.subscribe(usm::events(USM_EVENT_STATE_UPDATE), update);
    CHECK(usm::attempt([&] { monitor.start(); }));
    std::unique_lock<std::mutex> guard(lock);
    changed.wait(guard, [&] { return seen > 0; });
    guard.unlock();
    subscription.reset();
    CHECK(subscription.failures() == 0 && !subscription.exception());
    CHECK(usm::attempt([&] { return monitor.subscribe(0, update); }).status() ==
          USM_ERR_INVALID_ARGUMENT);
    CHECK(usm::attempt([&] {
              return monitor.test_alert_rule_json("name = 'x'\nwhen = 'process_count > 0'", 0.0,
                                                  0.0, [](const usm_progress &) { return false; });
          }).status() != USM_OK);
}

#if !USM_HAS_EXCEPTIONS
// A child of this process, before there are threads, fails where nobody asks.
static int outcome_of_a_failure(usm::FailureHandler handler) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        usm::set_failure_handler(handler);
        usm::Detector detector(7.0);
        _exit(99);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void a_failure_that_nobody_asked_for_ends_the_program() {
    const int handled = outcome_of_a_failure([](const usm::Error &error) {
        _exit(error.status() == USM_ERR_INVALID_ARGUMENT ? 7 : 8);
    });
    CHECK(WIFEXITED(handled) && WEXITSTATUS(handled) == 7);
    // A handler that returns does not go on with what failed.
    const int returned = outcome_of_a_failure([](const usm::Error &) {});
    CHECK(WIFSIGNALED(returned) && WTERMSIG(returned) == SIGABRT);
}
#endif

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
#if !USM_HAS_EXCEPTIONS
    a_failure_that_nobody_asked_for_ends_the_program();
#endif
    results();
    a_monitor(folder);
    return 0;
}
