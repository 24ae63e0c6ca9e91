/** Settings by name. */
#ifndef USM_CONFIG_HPP
#define USM_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

namespace detail {

template <typename Value>
struct is_duration : std::false_type {};
template <typename Number, typename Period>
struct is_duration<std::chrono::duration<Number, Period>> : std::true_type {};

/** Sets a switch, a number, a length of time or a text, each by its function of C. */
template <typename Object, typename Value>
usm_status set(Object *object, const char *name, const Value &value,
               usm_status (*set_bool)(Object *, const char *, std::int32_t),
               usm_status (*set_number)(Object *, const char *, double),
               usm_status (*set_text)(Object *, const char *, const char *)) {
    if constexpr (std::is_same_v<Value, bool>) {
        return set_bool(object, name, value ? 1 : 0);
    } else if constexpr (std::is_arithmetic_v<Value>) {
        return set_number(object, name, static_cast<double>(value));
    } else if constexpr (is_duration<Value>::value) {
        return set_number(object, name, Seconds(value).count());
    } else {
        return set_text(object, name, Text(value).c_str());
    }
}

}  // namespace detail

/** The settings of a monitor, by name. */
class Config : public Handle<usm_config, usm_config_free> {
public:
    using Handle::Handle;
    /** The defaults. */
    Config() : Handle(detail::made<usm_config>(usm_config_new)) {}

    /**
     * As the command `usm` has them: the defaults, what is saved in the data folder, a file,
     * the environment. NULL: the default folder, no file.
     */
    static Config layered(const Text &folder = nullptr, const Text &file = nullptr) {
        return Config(detail::made<usm_config>([&](usm_config **config) {
            return usm_config_new_layered(folder.c_str(), file.c_str(), config);
        }));
    }

    /** Sets a switch, a number, a length of time or a text; throws Error with nothing changed. */
    template <typename Value>
    Config &set(const Text &name, const Value &value) {
        check(detail::set(get(), name.c_str(), value, usm_config_set_bool, usm_config_set_number,
                          usm_config_set_text));
        return *this;
    }
    /** Sets what a JSON object holds. */
    Config &set_json(const Text &json) {
        check(usm_config_set_json(get(), json.c_str()));
        return *this;
    }
    /** Sets what a TOML or JSON file holds. */
    Config &load_file(const Text &path) {
        check(usm_config_load_file(get(), path.c_str()));
        return *this;
    }
    /** Sets what the environment holds. */
    Config &apply_environment() {
        check(usm_config_apply_environment(get()));
        return *this;
    }
    /** Sets what is saved in a data folder; NULL for the default one. */
    Config &apply_saved(const Text &folder = nullptr) {
        check(usm_config_apply_saved(get(), folder.c_str()));
        return *this;
    }
    /** A set that holds the same. */
    Config copy() const {
        return Config(detail::made<usm_config>(
            [&](usm_config **copy) { return usm_config_copy(get(), copy); }));
    }
    /** A switch. */
    bool flag(const Text &name) const {
        return detail::given<std::int32_t>([&](std::int32_t *value) {
                   return usm_config_get_bool(get(), name.c_str(), value);
               }) != 0;
    }
    /** A number, of a count too. */
    double number(const Text &name) const {
        return detail::given<double>(
            [&](double *value) { return usm_config_get_number(get(), name.c_str(), value); });
    }
    /** Any setting as text; nothing for a path that is not set. */
    std::optional<std::string> text(const Text &name) const {
        return detail::text_if_any(
            [&](char **value) { return usm_config_get_text(get(), name.c_str(), value); });
    }
    /** All settings as a JSON object. */
    std::string json() const {
        return detail::text_of(
            [&](char **text) { return usm_config_get_json(get(), nullptr, text); });
    }
    /** One setting as JSON. */
    std::string json(const Text &name) const {
        return detail::text_of(
            [&](char **text) { return usm_config_get_json(get(), name.c_str(), text); });
    }
};

USM_END_NAMESPACE

#endif  // USM_CONFIG_HPP
