/* Settings: what they are, read back by name, copied, and those in force in a monitor. */
#include <math.h>

#include "check.h"

static void every_setting_says_what_it_is(const usm_config *config) {
    size_t count = 0;
    size_t i;
    CHECK_OK(usm_setting_count(&count));
    CHECK(count > 30);
    for (i = 0; i < count; i++) {
        usm_setting setting;
        usm_setting named;
        char *text = NULL;
        usm_setting_init(&setting);
        CHECK_OK(usm_setting_at(i, &setting));
        CHECK(setting.name[0] != '\0' && setting.about[0] != '\0' && setting.allowed[0] != '\0');
        CHECK(setting.kind <= USM_SETTING_TEXTS);
        CHECK(isnan(setting.least) ==
              (setting.kind != USM_SETTING_NUMBER && setting.kind != USM_SETTING_COUNT));
        usm_setting_init(&named);
        CHECK_OK(usm_setting_named(setting.name, &named));
        CHECK(named.name == setting.name && named.kind == setting.kind);
        /* A set that was just made holds the defaults. */
        CHECK_OK(usm_config_get_text(config, setting.name, &text));
        CHECK((text == NULL) == (setting.default_text == NULL));
        if (text != NULL) CHECK(strcmp(text, setting.default_text) == 0);
        usm_string_free(text);
        if (!isnan(setting.least)) {
            double value = NAN;
            CHECK(setting.unit != NULL && setting.least < setting.most);
            CHECK_OK(usm_config_get_number(config, setting.name, &value));
            CHECK(value >= setting.least && value <= setting.most);
            CHECK(value == strtod(setting.default_text, NULL));
        }
        if (setting.kind == USM_SETTING_SWITCH) {
            int32_t on = 7;
            CHECK_OK(usm_config_get_bool(config, setting.name, &on));
            CHECK(on == (strcmp(setting.default_text, "true") == 0));
        }
        if (setting.may_be_empty) CHECK(setting.kind >= USM_SETTING_FOLDER);
    }
    {
        usm_setting beyond;
        usm_setting_init(&beyond);
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_at(count, &beyond));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_at((size_t)-1, &beyond));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_named("refresh_intervall", &beyond));
        CHECK_MESSAGE("did you mean refresh_interval?");
        CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_setting_named("\xff", &beyond));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_named(NULL, &beyond));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_at(0, NULL));
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_count(NULL));
        CHECK(beyond.name == NULL);
        beyond.struct_size = 8;
        CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_setting_at(0, &beyond));
    }
}

static void what_was_set_is_read_back(usm_config *config) {
    double number = 0.0;
    int32_t on = 7;
    char *text = NULL;
    CHECK_OK(usm_config_set_number(config, "refresh_interval", 0.25));
    CHECK_OK(usm_config_get_number(config, "refresh_interval", &number));
    CHECK(number == 0.25);
    CHECK_OK(usm_config_set_number(config, "max_threads", 9));
    CHECK_OK(usm_config_get_number(config, "max_threads", &number));
    CHECK(number == 9.0);
    CHECK_OK(usm_config_get_text(config, "max_threads", &text));
    CHECK(strcmp(text, "9") == 0);
    usm_string_free(text);
    CHECK_OK(usm_config_set_bool(config, "process_io", 0));
    CHECK_OK(usm_config_get_bool(config, "process_io", &on));
    CHECK(on == 0);
    CHECK_OK(usm_config_set_text(config, "security_allow", "a:*, b"));
    CHECK_OK(usm_config_get_text(config, "security_allow", &text));
    CHECK(strcmp(text, "a:*,b") == 0);
    usm_string_free(text);
    text = (char *)config;
    CHECK_OK(usm_config_get_text(config, "alert_rules_file", &text));
    CHECK(text == NULL);

    number = 4711.0;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_number(config, "process_io", &number));
    CHECK_MESSAGE("a number");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_number(config, "max_thread", &number));
    CHECK_MESSAGE("did you mean max_threads?");
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_bool(config, "max_threads", &on));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_number(config, NULL, &number));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_number(NULL, "max_threads", &number));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_get_number(config, "max_threads", NULL));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_config_get_text(config, "\xc3", &text));
    CHECK(number == 4711.0 && on == 0 && text == NULL);
}

static void a_copy_is_one_of_its_own(usm_config *config) {
    usm_config *copy = NULL;
    double number = 0.0;
    CHECK_OK(usm_config_copy(config, &copy));
    CHECK(copy != NULL && copy != config);
    CHECK_OK(usm_config_set_number(config, "max_threads", 3));
    CHECK_OK(usm_config_get_number(copy, "max_threads", &number));
    CHECK(number == 9.0);
    usm_config_free(&copy);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_copy(NULL, &copy));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_config_copy(config, NULL));
    CHECK(copy == NULL);
}

static void those_of_a_monitor_are_the_ones_in_force(const char *folder) {
    usm_monitor *monitor = test_monitor(folder);
    usm_config *config = NULL;
    double number = 0.0;
    int32_t on = 7;
    char *text = NULL;
    CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 7.5));
    CHECK_OK(usm_monitor_get_number(monitor, "cache_duration", &number));
    CHECK(number == 7.5);
    CHECK_OK(usm_monitor_get_bool(monitor, "store_enabled", &on));
    CHECK(on == 1);
    CHECK_OK(usm_monitor_get_text(monitor, "data_dir", &text));
    CHECK(strcmp(text, folder) == 0);
    usm_string_free(text);
    CHECK_OK(usm_monitor_config(monitor, &config));
    CHECK_OK(usm_monitor_set_number(monitor, "cache_duration", 8.5));
    CHECK_OK(usm_config_set_number(config, "cache_duration", 9.5));
    CHECK_OK(usm_monitor_get_number(monitor, "cache_duration", &number));
    CHECK(number == 8.5);
    CHECK_OK(usm_config_get_number(config, "cache_duration", &number));
    CHECK(number == 9.5);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_get_bool(monitor, "data_dir", &on));
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_monitor_get_number(NULL, "data_dir", &number));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE,
                 usm_monitor_get_number((const usm_monitor *)(const void *)config,
                                        "cache_duration", &number));
    usm_monitor_free(&monitor);
    /* The copy outlives it. */
    CHECK_OK(usm_config_get_number(config, "cache_duration", &number));
    usm_config_free(&config);
}

int main(int argc, char **argv) {
    const char *folder = test_folder(argc, argv);
    usm_config *config = NULL;
    CHECK_OK(usm_config_new(&config));
    every_setting_says_what_it_is(config);
    what_was_set_is_read_back(config);
    a_copy_is_one_of_its_own(config);
    usm_config_free(&config);
    those_of_a_monitor_are_the_ones_in_force(folder);
    return 0;
}
