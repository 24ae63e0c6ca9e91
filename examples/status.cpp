// Shows the state of this host every second and tells when something happens.
//
//     c++ -std=c++17 -o status status.cpp -lusm
//     ./status 10               ten seconds, history in the default data folder
//     ./status 10 /tmp/history  history in a folder of one's own
//
// Where the library is not installed: see status.c.
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

#include <usm.hpp>

static void show(const usm::Metrics &metrics) {
    const auto number = [&](const char *what, double value, std::uint32_t bit) {
        std::cout << "  " << what << ' ';
        if (metrics.has(bit)) {
            std::cout << std::fixed << std::setprecision(1) << value;
        } else {
            std::cout << "unknown";
        }
    };
    std::cout << '#' << metrics.sequence;
    number("cpu %", metrics.cpu_percent, USM_METRIC_CPU_PERCENT);
    number("memory %", metrics.memory_percent, USM_METRIC_MEMORY_PERCENT);
    number("disk %", metrics.disk_percent, USM_METRIC_DISK_PERCENT);
    number("health", metrics.health_score, USM_METRIC_HEALTH_SCORE);
    std::cout << '\n';
}

int main(int argc, char **argv) try {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
    usm::Config config;
    config.apply_environment().set("refresh_interval", 1.0);
    if (argc > 2) config.set("data_dir", argv[2]);

    usm::Monitor monitor(config);
    const usm::Subscription subscription = monitor.subscribe(
        USM_EVENT_BIT(USM_EVENT_MONITOR_STARTED) |
            USM_EVENT_BIT(USM_EVENT_RECOMMENDATION_GENERATED),
        [](const usm::Event &event) {
            std::cout << "* " + std::string(event.name()) + ": " + event.json() + "\n";
        });
    monitor.start();
    std::uint64_t sequence = 0;
    for (int i = 0; i < seconds; i++) {
        sequence = monitor.wait(sequence, std::chrono::seconds(5));
        show(monitor.metrics());
        for (const usm_process &process : monitor.top_processes(USM_ORDER_CPU, 3)) {
            std::cout << "    " << process.pid << ' ' << process.name << '\n';
        }
    }
    return EXIT_SUCCESS;
} catch (const usm::Error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return EXIT_FAILURE;
}
