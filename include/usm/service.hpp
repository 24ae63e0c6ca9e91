/** The monitor in the background of a data folder: looked at, started, stopped, and been. */
#ifndef USM_SERVICE_HPP
#define USM_SERVICE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "handle.hpp"
#include "monitor.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** The monitor in the background, as it says of itself. */
struct ServiceInfo : detail::Sized<usm_service_info> {
    /** When it began. */
    std::optional<Time> started() const noexcept { return time_of(started_at); }
    /** When it last said how it fares. */
    std::optional<Time> heard() const noexcept { return time_of(heard_at); }
    /** When it ended in good order. */
    std::optional<Time> ended() const noexcept { return time_of(ended_at); }
};

/** The monitor in the background of a data folder; without one, of the default folder. */
class Service {
public:
    Service() = default;
    explicit Service(const Text &folder) : folder_(detail::text_if_given(folder)) {}

    /** Looks at it. Nothing is made, and nobody is disturbed. */
    ServiceInfo status() const {
        ServiceInfo info;
        check(usm_service_status(folder(), &info));
        return info;
    }
    /** All that it says of itself, as JSON. */
    std::string status_json() const {
        return detail::text_of(
            [&](char **text) { return usm_service_status_json(folder(), text); });
    }
    /** The last lines of its log. */
    std::string log(std::size_t most) const {
        return detail::text_of([&](char **text) { return usm_service_log(folder(), most, text); });
    }
    /**
     * Starts it and waits until it is ready: a command that takes the folder's lock, or the
     * installed `usm` when it is empty. False when one ran already.
     */
    bool start(Seconds patience, const std::vector<std::string> &command = {}) const {
        std::vector<const char *> words;
        words.reserve(command.size());
        for (const std::string &word : command) words.push_back(Text(word).c_str());
        return detail::given<std::int32_t>([&](std::int32_t *is_new) {
                   return usm_service_start(folder(), words.empty() ? nullptr : words.data(),
                                            words.size(), patience.count(), is_new, nullptr);
               }) != 0;
    }
    /** Asks it to end, and waits; with `force` it is killed then. Gives USM_SERVICE_... */
    std::uint32_t stop(Seconds patience, bool force = false) const {
        return detail::given<std::uint32_t>([&](std::uint32_t *what) {
            return usm_service_stop(folder(), patience.count(), force ? 1 : 0, what);
        });
    }

private:
    const char *folder() const noexcept { return folder_ ? folder_->c_str() : nullptr; }

    std::optional<std::string> folder_;
};

/** What the monitor of a folder says of itself when it begins. */
struct ServiceClaim {
    /** It acts by itself. */
    bool auto_optimize = false;
    /** It only says what it would do. */
    bool demo = false;
    /** Between two states. */
    Seconds refresh_interval = Seconds(2);
};

/** The lock of a data folder, held by this process as its monitor. */
class ServiceHold : public Handle<usm_service_hold, usm_service_hold_free> {
public:
    using Handle::Handle;
    /** Becomes the monitor of a folder; NULL for the default one. */
    static ServiceHold take(const Text &folder = nullptr, const ServiceClaim &claim = {}) {
        return ServiceHold(make(folder, claim));
    }

    /** Says that it has begun to monitor, and how it fares. */
    void beat(const Monitor &monitor) { check(usm_service_hold_beat(get(), monitor.get())); }
    /** Says that it is there, without a monitor. */
    void beat() { check(usm_service_hold_beat(get(), nullptr)); }
    /** Ends being the monitor in good order, and says why. The hold is no more after that. */
    void finish(const Text &why = nullptr) {
        check(usm_service_hold_release(address(), why.c_str_or_null()));
    }

private:
    static usm_service_hold *make(const Text &folder, const ServiceClaim &given) {
        usm_service_claim claim = USM_SERVICE_CLAIM_INIT;
        claim.auto_optimize = given.auto_optimize ? 1 : 0;
        claim.demo = given.demo ? 1 : 0;
        claim.refresh_interval = given.refresh_interval.count();
        return detail::made<usm_service_hold>([&](usm_service_hold **hold) {
            return usm_service_hold_take(folder.c_str(), &claim, hold);
        });
    }
};

USM_END_NAMESPACE

#endif  // USM_SERVICE_HPP
