// A service that sheds load when the machine runs short: rules on pressure (PSI: how much of
// the time work had to wait) fire, and a growing share of the requests is refused at the door
// until they clear, so that those which are let in are still answered in time.
//
//     c++ -std=c++17 -pthread -o shed_load shed_load.cpp -lusm
//     ./shed_load --load --seconds 12                  with pressure of its own making
//     ./shed_load --load --seconds 12 --no-shedding    what becomes of them without
//
// Where the library is not installed: see status.c.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <usm.hpp>

using Clock = std::chrono::steady_clock;

// The workers, and the requests that wait for them: synthetic ones, a little work each.
class Pool {
public:
    explicit Pool(unsigned workers) {
        for (; workers > 0; workers--) threads_.emplace_back([this] { work(); });
    }
    ~Pool() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            is_ended_ = true;
        }
        wake_.notify_all();
        for (std::thread &thread : threads_) thread.join();
    }

    void take(Clock::time_point arrived) {
        const std::lock_guard<std::mutex> lock(mutex_);
        queue_.push_back(arrived);
        wake_.notify_one();
    }

    struct Answered {
        int count = 0;
        double slowest_ms = 0.0;  // From arrival to answer.
    };
    // What was answered since the last call, and how many requests wait now.
    std::pair<Answered, std::size_t> look() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return {std::exchange(answered_, {}), queue_.size()};
    }

private:
    void work() {
        std::unique_lock<std::mutex> lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return is_ended_ || !queue_.empty(); });
            if (is_ended_) return;
            const Clock::time_point arrived = queue_.front();
            queue_.pop_front();
            lock.unlock();
            volatile double sum = 0.0;
            for (int i = 1; i < 500000; i++) sum = sum + 1.0 / i;
            lock.lock();
            answered_.count++;
            answered_.slowest_ms =
                std::max(answered_.slowest_ms, usm::Seconds(Clock::now() - arrived).count() * 1e3);
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Clock::time_point> queue_;
    Answered answered_;
    bool is_ended_ = false;
    std::vector<std::thread> threads_;
};

// Decides which requests are let in. Told by the monitor's thread, asked by the service's.
class Door {
public:
    void on_alert(const usm::Event &event) {
        const usm::Alert alert = event.alert();
        if (std::string(alert.rule).rfind("shed_load", 0) != 0) return;  // A built-in rule.
        const bool is_short = event.kind() == USM_EVENT_ALERT_TRIGGERED;
        const std::lock_guard<std::mutex> lock(mutex_);
        if (is_short) firing_.insert(alert.rule);
        else firing_.erase(alert.rule);
        std::printf("* %s: %s\n", is_short ? "short" : "over", alert.message);
    }
    // More is refused the longer it lasts, and less again when it is over: it feels its way.
    void adapt() {
        const std::lock_guard<std::mutex> lock(mutex_);
        refused_percent_ = std::clamp(refused_percent_ + (firing_.empty() ? -15 : 30), 0, 90);
    }
    // Refuses evenly, not in bursts.
    bool lets_in() {
        const std::lock_guard<std::mutex> lock(mutex_);
        debt_ += refused_percent_;
        if (debt_ < 100) return true;
        debt_ -= 100;
        return false;
    }

private:
    std::mutex mutex_;
    std::set<std::string> firing_;
    int refused_percent_ = 0;
    int debt_ = 0;
};

// Makes the machine short: threads that spin, and some memory.
class Load {
public:
    Load() : memory_(128 << 20, 'x') {
        for (unsigned i = 0; i < 3 * std::max(1u, std::thread::hardware_concurrency()); i++) {
            threads_.emplace_back([this] { while (!is_ended_) continue; });
        }
    }
    ~Load() {
        is_ended_ = true;
        for (std::thread &thread : threads_) thread.join();
    }

private:
    std::vector<char> memory_;
    std::atomic<bool> is_ended_{false};
    std::vector<std::thread> threads_;
};

// A rule that fires after half a second above its limit, so that a hiccup does not count, and
// clears after a second below another one.
static std::string rule(const std::string &name, const std::string &condition,
                        const std::string &what) {
    return "name = 'shed_load " + name + "'\nwhen = '" + condition +
           "'\nfor = '500ms'\nclear_for = '1s'\ncooldown = '0s'\nflapping = false\nmessage = '" +
           what + "'\n";
}

static void serve(const usm::Monitor &monitor, Door &door, bool sheds, bool makes_load,
                  int seconds, const sigset_t &ends) {
    constexpr auto between_requests = std::chrono::milliseconds(5);
    constexpr timespec nap{0, 2'000'000};
    Pool pool(2);
    std::optional<Load> load;
    constexpr auto between_lines = std::chrono::seconds(1);
    Clock::time_point next_request = Clock::now(), next_line = next_request + between_lines;
    int second = 0, refused = 0;
    while (sigtimedwait(&ends, nullptr, &nap) < 0) {
        // They come when they come, however busy we are. A server would answer 503 at once.
        for (; next_request <= Clock::now(); next_request += between_requests) {
            if (!sheds || door.lets_in()) pool.take(next_request);
            else refused++;
        }
        if (Clock::now() < next_line) continue;
        next_line = Clock::now() + between_lines;
        second++;
        door.adapt();
        const auto [answered, waiting] = pool.look();
        const auto wait = monitor.metrics().value(&usm_metrics::pressure_cpu_some_percent);
        std::printf("%3d s  answered %3d  refused %3d  waiting %4zu  slowest %5.0f ms  "
                    "cpu wait %3s %%\n", second, answered.count, std::exchange(refused, 0),
                    waiting, answered.slowest_ms,
                    wait ? std::to_string(std::lround(*wait)).c_str() : "?");
        std::fflush(stdout);
        if (makes_load && second == 2) load.emplace();
        if (second == 7) load.reset();
        if (second == seconds) return;
    }
}

int main(int argc, char **argv) try {
    bool sheds = true, makes_load = false;
    int seconds = 0;
    std::string when;
    for (int i = 1; i < argc; i++) {
        const std::string option = argv[i];
        if (option == "--load") makes_load = true;
        else if (option == "--no-shedding") sheds = false;
        else if (option == "--seconds" && i + 1 < argc) seconds = std::atoi(argv[++i]);
        else if (option == "--when" && i + 1 < argc) when = argv[++i];
        else {
            std::fputs("usage: shed_load [--load] [--no-shedding] [--seconds N] [--when RULE]\n\n"
                       "  --load         spins in threads of its own from second 2 to second 7\n"
                       "  --no-shedding  lets every request in, to compare\n"
                       "  --seconds      ends after so long; else by Ctrl-C\n"
                       "  --when         the condition, e.g. 'memory_percent > 90 clear 85'\n",
                       option == "--help" ? stdout : stderr);
            return option == "--help" ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    // Blocked here and so in every thread made later: Ctrl-C ends the wait in serve().
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, nullptr);

    Door door;  // Outlives the subscription, which is declared after it.
    usm::Config config;
    // How soon it is told hangs on the interval only: "stalled" is of the time since the last
    // sample. Without a store the rules are gone when the program is.
    config.apply_environment().set("refresh_interval", 0.2).set("store_enabled", false);
    usm::Monitor monitor(config);
    if (when.empty()) {
        monitor.set_alert_rule(rule("cpu", "pressure_cpu_some_stalled_percent > 70 clear 40",
                                    "work waits for processors {value} of the time"));
        monitor.set_alert_rule(rule("memory", "pressure_memory_some_stalled_percent > 10 clear 5",
                                    "work waits for memory {value} of the time"));
        monitor.set_alert_rule(rule("io", "pressure_io_full_stalled_percent > 30 clear 15",
                                    "all work waits for disks {value} of the time"));
    } else {
        monitor.set_alert_rule(rule("by --when", when, "{series} is {value}"));
    }
    const usm::Subscription subscription = monitor.subscribe(
        usm::events(USM_EVENT_ALERT_TRIGGERED, USM_EVENT_ALERT_RESOLVED),
        [&door](const usm::Event &event) { door.on_alert(event); });
    monitor.start();
    serve(monitor, door, sheds, makes_load, seconds, ends);
    return EXIT_SUCCESS;
} catch (const usm::Error &error) {
    std::fprintf(stderr, "shed_load: %s: %s\n", error.name(), error.what());
    return EXIT_FAILURE;
}
