// usm.hpp: the parts of a state, what events bring, and settings by their type.
#include <unistd.h>

#include <cmath>

#include "check.h"
#include "owning.hpp"
#include "usm.hpp"

// What points into a state is not lent by one that is gone at the end of the expression.
template <typename Object, typename = void>
struct lends_disks : std::false_type {};
template <typename Object>
struct lends_disks<Object, std::void_t<decltype(std::declval<Object>().disks().size())>>
    : std::true_type {};
static_assert(lends_disks<const usm::State &>::value && !lends_disks<usm::State>::value);
static_assert(sizeof(usm::Filesystem) == sizeof(usm_filesystem));

static usm::Config config_for(const std::string &folder) {
    usm::Config config;
    config.apply_environment()
        .set("data_dir", folder)
        .set("refresh_interval", 0.1)
        .set("commit_interval", 0.1);
    return config;
}

static void parts_of(const usm::State &state) {
    const usm::Metrics metrics = state.metrics();
    const usm::Cpu cpu = state.cpu();
    CHECK(cpu.value(&usm_cpu::busy_percent) == usm::known(cpu.busy_percent));
    CHECK(state.cpu_cores().size() >= 1 && state.cpu_cores().size() <= 4096);
    const usm::Memory memory = state.memory();
    CHECK(memory.has(USM_MEMORY_TOTAL_BYTES));
    CHECK(memory.value(USM_MEMORY_TOTAL_BYTES, &usm_memory::total_bytes) ==
          metrics.value(&usm_metrics::memory_total_bytes));
    CHECK(state.memory().value(&usm_memory::used_percent) == metrics.memory_percent);
    for (const int resource : {USM_PRESSURE_CPU, USM_PRESSURE_MEMORY, USM_PRESSURE_IO}) {
        const usm::Pressure pressure = state.pressure(static_cast<std::uint32_t>(resource));
        const auto some = pressure.value(&usm_pressure::some_avg10_percent);
        CHECK(!some || (*some >= 0.0 && *some <= 100.0));
    }
    CHECK(failure_of([&] { state.pressure(99); }) == USM_ERR_INVALID_ARGUMENT);
    for (const usm_disk &disk : state.disks()) CHECK(disk.name[0] != '\0');
    for (const usm::Filesystem &filesystem : state.filesystems()) {
        CHECK(filesystem.value(&usm_filesystem::mount_point) == filesystem.mount_point);
        if (filesystem.has(USM_FILESYSTEM_TOTAL_BYTES)) CHECK(filesystem.total_bytes > 0);
    }
    for (const usm_interface &interface : state.interfaces()) CHECK(interface.name[0] != '\0');
    for (const usm_sensor &sensor : state.sensors()) CHECK(sensor.chip != nullptr);
    for (const usm_battery &battery : state.batteries()) CHECK(battery.name != nullptr);
    CHECK(state.host().value(&usm_host::kernel_release));
    CHECK(state.host().logical_cpus >= 1);
    const usm::Limits limits = state.limits();
    CHECK(!limits.value(&usm_limits::effective_cpus) || limits.effective_cpus > 0.0);
    CHECK(state.process_counts().total == state.processes().size());
    CHECK(state.tcp().struct_size == sizeof(usm_tcp));
    CHECK(state.kernel_tables().struct_size == sizeof(usm_kernel_tables));
    CHECK(state.event_health().failed == 0);
    CHECK(state.overhead().value(&usm_overhead::sample_seconds));
    CHECK(state.store_health().status == USM_STORE_OK);
    CHECK(!state.score_parts(USM_SCORE_HEALTH).empty());
    CHECK(failure_of([&] { state.score_parts(99); }) == USM_ERR_INVALID_ARGUMENT);
    for (const usm_source &source : state.sources()) CHECK(source.source != nullptr);

    const std::optional<usm::Process> own = state.process(getpid());
    CHECK(own && own->pid == getpid() && own->value(&usm_process::threads));
    const std::optional<usm::ProcessDetails> details = state.process_details(getpid());
    CHECK(details && details->start_time_ticks == own->start_time_ticks);
    CHECK(details->value(&usm_process_details::name) == own->program());
    CHECK(!state.process(-1) && !state.process_details(-1));
    CHECK(failure_of([] { usm::State(nullptr).process(1); }) == USM_ERR_INVALID_ARGUMENT);
}

// Before the first sample nothing is known, and nothing is made up.
static void nothing_is_known_of(const usm::State &state) {
    CHECK(!state.cpu().value(&usm_cpu::busy_percent));
    CHECK(!state.memory().value(USM_MEMORY_TOTAL_BYTES, &usm_memory::total_bytes));
    CHECK(state.cpu_cores().empty() && state.disks().empty() && state.filesystems().empty());
    CHECK(!state.process(getpid()) && !state.host().value(&usm_host::hostname));
}

static void events_bring(usm::Monitor &monitor) {
    usm::EventStream stream =
        monitor.events(usm::events(USM_EVENT_STATE_UPDATE, USM_EVENT_CONFIG_CHANGED));
    sample(monitor);
    std::optional<usm::FetchedEvent> event = stream.next(std::chrono::seconds(60));
    CHECK(event && event->kind() == USM_EVENT_STATE_UPDATE);
    const usm::State state = event->state();
    CHECK(state.metrics().sequence == event->metrics().sequence);
    const usm::FetchedEvent &update = *event;
    CHECK(failure_of([&] { update.advice(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.insight(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.security(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.weak_setting(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.store_health(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.reason(); }) == USM_ERR_INVALID_STATE);
    CHECK(failure_of([&] { update.settings(); }) == USM_ERR_INVALID_STATE);

    monitor.start();
    monitor.set_json("{\"refresh_interval\": 0.2, \"process_io\": false}");
    do {
        event = stream.next(std::chrono::seconds(60));
        CHECK(event);
    } while (event->kind() != USM_EVENT_CONFIG_CHANGED);
    const std::vector<std::string> changed = event->settings();
    CHECK(changed.size() == 2);
    for (const std::string &name : changed) {
        CHECK(name == "refresh_interval" || name == "process_io");
    }
    CHECK(failure_of([&] { event->state(); }) == USM_ERR_INVALID_STATE);
    monitor.stop();
}

static void settings_have_types(const usm::Monitor &monitor) {
    const usm::Config config = monitor.config();
    CHECK(config.number("refresh_interval") == 0.2 && monitor.number("refresh_interval") == 0.2);
    CHECK(!config.flag("process_io") && !monitor.flag("process_io"));
    CHECK(config.flag("store_enabled") && monitor.flag("store_enabled"));
    CHECK(config.text("data_dir") == monitor.text("data_dir") && config.text("data_dir"));
    CHECK(!usm::Config().text("alert_rules_file") && !monitor.text("alert_rules_file"));
    CHECK(failure_of([&] { config.number("log_level"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { monitor.flag("refresh_interval"); }) == USM_ERR_INVALID_ARGUMENT);
    CHECK(failure_of([&] { monitor.text("no such"); }) == USM_ERR_INVALID_ARGUMENT);
    usm::Config copy = config.copy();
    copy.set("refresh_interval", 3.0);
    CHECK(copy.number("refresh_interval") == 3.0 && config.number("refresh_interval") == 0.2);

    const std::vector<usm::Setting> settings = usm::all_settings();
    CHECK(settings.size() > 20);
    for (const usm::Setting &setting : settings) {
        CHECK(usm::setting(setting.name).about == std::string(setting.about));
    }
    CHECK(usm::setting("refresh_interval").kind == USM_SETTING_NUMBER);
    CHECK(failure_of([] { usm::setting("no such"); }) == USM_ERR_INVALID_ARGUMENT);
}

int main(int argc, char **argv) {
    const std::string folder = test_folder(argc, argv);
    usm::Monitor monitor(config_for(folder));
    nothing_is_known_of(monitor.state());
    sample(monitor);
    const usm::State state = monitor.state();
    parts_of(state);
    const usm::Findings findings = monitor.findings();
    for (const usm::Advice &advice : findings.recommendations()) CHECK(advice.text != nullptr);
    for (const usm::WeakSetting &weak : findings.weak_settings()) CHECK(weak.setting != nullptr);
    CHECK(findings.weak_settings().size() <= 1000);
    const usm::ProcessExtra extra = monitor.process_extra(getpid());
    CHECK(std::isnan(extra.open_files) || extra.open_files >= 3.0);
    CHECK(failure_of([&] { monitor.process_extra(-1); }) != USM_OK);
    events_bring(monitor);
    settings_have_types(monitor);
    return 0;
}
