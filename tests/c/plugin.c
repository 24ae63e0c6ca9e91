/* A plug-in that monitors: see tests/c/plugins.c. */
#include "usm.h"

usm_status plugin_start(const char *folder, usm_monitor **monitor);
usm_status plugin_look(const usm_monitor *monitor, uint64_t *sequence);
void plugin_end(usm_monitor **monitor);
const char *plugin_said(void);

usm_status plugin_start(const char *folder, usm_monitor **monitor) {
    usm_config *config = NULL;
    usm_status status = usm_check_header();
    if (status == USM_OK) status = usm_config_new(&config);
    if (status == USM_OK) status = usm_config_apply_environment(config);
    if (status == USM_OK) status = usm_config_set_text(config, "data_dir", folder);
    if (status == USM_OK) status = usm_config_set_number(config, "refresh_interval", 0.1);
    if (status == USM_OK) status = usm_monitor_new(config, monitor);
    if (status == USM_OK) status = usm_monitor_start(*monitor);
    if (status == USM_OK) status = usm_monitor_wait(*monitor, 0, 60.0, NULL);
    usm_config_free(&config);
    return status;
}

/* Waits for news, and until they are in the database. */
usm_status plugin_look(const usm_monitor *monitor, uint64_t *sequence) {
    const usm_status status = usm_monitor_wait(monitor, *sequence, 60.0, sequence);
    return status == USM_OK ? usm_monitor_flush((usm_monitor *)(uintptr_t)monitor, 60.0) : status;
}

void plugin_end(usm_monitor **monitor) {
    usm_monitor_free(monitor);
}

const char *plugin_said(void) {
    return usm_last_error_message();
}
