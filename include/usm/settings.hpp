/** Settings that are saved in a data folder, and what there is to be set and known. */
#ifndef USM_SETTINGS_HPP
#define USM_SETTINGS_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "handle.hpp"
#include "text.hpp"

USM_BEGIN_NAMESPACE

/** The data folder where no setting says another one. */
inline std::string default_folder() { return detail::text_of(usm_default_folder); }

/** The settings that are saved in a data folder; without one, in the default folder. */
class SavedSettings {
public:
    SavedSettings() = default;
    explicit SavedSettings(const Text &folder) : folder_(detail::text_if_given(folder)) {}

    /** All settings as a JSON object; those that are not saved have their defaults. */
    std::string json() const {
        return detail::text_of(
            [&](char **text) { return usm_saved_settings_json(folder(), text); });
    }
    /** Saves a setting from its text. */
    void set(const Text &name, const Text &value) const {
        check(usm_saved_settings_set(folder(), name.c_str(), value.c_str()));
    }
    /** Takes a setting out, so that it has its default again. */
    void reset(const Text &name) const {
        check(usm_saved_settings_reset(folder(), name.c_str() == nullptr ? "" : name.c_str()));
    }
    /** Takes all of them out. */
    void reset_all() const { check(usm_saved_settings_reset(folder(), nullptr)); }

private:
    const char *folder() const noexcept { return folder_ ? folder_->c_str() : nullptr; }

    std::optional<std::string> folder_;
};

/** What a setting is; its texts live for ever. */
struct Setting : detail::Sized<usm_setting> {};

/** What every setting is, in the order in which people are shown them. */
inline std::vector<Setting> all_settings() {
    std::size_t count = 0;
    check(usm_setting_count(&count));
    return detail::list_of<Setting>(count, usm_setting_at);
}

/** What the setting of a name is. */
inline Setting setting(const Text &name) {
    Setting setting;
    check(usm_setting_named(name.c_str(), &setting));
    return setting;
}

/** Every setting, what it is for and what it may be, as JSON. */
inline std::string settings_json() { return detail::text_of(usm_settings_json); }

/** The names of all metrics that a history can hold, as JSON. */
inline std::string metric_names_json() { return detail::text_of(usm_metric_names_json); }

/** All tools that the library may recommend, as JSON. */
inline std::string tools_json() { return detail::text_of(usm_tools_json); }

/** Health and performance, 0 to 100; NaN where nothing of it is known. */
struct Scores {
    double health;
    double performance;
};

/** The scores of numbers that the program has itself; see usm_scores_of(). */
inline Scores scores_of(const Text &metrics_json) {
    Scores scores = {};
    check(usm_scores_of(metrics_json.c_str(), &scores.health, &scores.performance));
    return scores;
}

USM_END_NAMESPACE

#endif  // USM_SETTINGS_HPP
