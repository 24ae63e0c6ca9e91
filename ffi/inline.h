/* The end of usm.h: what is compiled into the caller. Put there by the test `header`. */
/** The bit of a kind of event in a mask for usm_monitor_subscribe(). */
#define USM_EVENT_BIT(kind) (UINT32_C(1) << (kind))

/**
 * Checks that the library that runs is for programs that were compiled with this header; see
 * usm_check_version(). Compiled into the caller.
 *
 * Returns: USM_OK, or USM_ERR_UNSUPPORTED.
 * Threads: any.
 * Since: 0.1.0
 */
static inline usm_status usm_check_header(void) {
    return usm_check_version(USM_ABI_VERSION);
}

/**
 * Makes a struct ready for usm_monitor_metrics(): all zero, with its size. Compiled into the
 * caller, since the size that counts is that of the caller's header.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_metrics_init(struct usm_metrics *metrics) {
    memset(metrics, 0, sizeof *metrics);
    metrics->struct_size = sizeof *metrics;
}

/**
 * Whether a value is known: bit is one of USM_METRIC_...
 *
 * Returns: 1 or 0.
 * Threads: any.
 * Since: 0.1.0
 */
static inline int usm_metrics_has(const struct usm_metrics *metrics, uint32_t bit) {
    return ((metrics->present >> bit) & 1) != 0;
}

/**
 * Whether a whole number of a struct is known: `present` is that of the struct, bit one of its
 * USM_... (usm_memory: USM_MEMORY_...).
 *
 * Returns: 1 or 0.
 * Threads: any.
 * Since: 0.1.0
 */
static inline int usm_is_present(uint64_t present, uint32_t bit) {
    return ((present >> bit) & 1) != 0;
}

/**
 * Makes a struct ready for usm_state_cpu(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_cpu_init(struct usm_cpu *cpu) {
    memset(cpu, 0, sizeof *cpu);
    cpu->struct_size = sizeof *cpu;
}

/**
 * Makes a struct ready for usm_state_memory(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_memory_init(struct usm_memory *memory) {
    memset(memory, 0, sizeof *memory);
    memory->struct_size = sizeof *memory;
}

/**
 * Makes a struct ready for usm_state_pressure(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_pressure_init(struct usm_pressure *pressure) {
    memset(pressure, 0, sizeof *pressure);
    pressure->struct_size = sizeof *pressure;
}

/**
 * Makes a struct ready for usm_state_tcp(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_tcp_init(struct usm_tcp *tcp) {
    memset(tcp, 0, sizeof *tcp);
    tcp->struct_size = sizeof *tcp;
}

/**
 * Makes a struct ready for usm_state_limits(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_limits_init(struct usm_limits *limits) {
    memset(limits, 0, sizeof *limits);
    limits->struct_size = sizeof *limits;
}

/**
 * Makes a struct ready for usm_state_host(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_host_init(struct usm_host *host) {
    memset(host, 0, sizeof *host);
    host->struct_size = sizeof *host;
}

/**
 * Makes a struct ready for usm_state_kernel_tables(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_kernel_tables_init(struct usm_kernel_tables *kernel_tables) {
    memset(kernel_tables, 0, sizeof *kernel_tables);
    kernel_tables->struct_size = sizeof *kernel_tables;
}

/**
 * Makes a struct ready for usm_state_overhead(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_overhead_init(struct usm_overhead *overhead) {
    memset(overhead, 0, sizeof *overhead);
    overhead->struct_size = sizeof *overhead;
}

/**
 * Makes a struct ready for usm_state_event_health(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_event_health_init(struct usm_event_health *event_health) {
    memset(event_health, 0, sizeof *event_health);
    event_health->struct_size = sizeof *event_health;
}

/**
 * Makes a struct ready for usm_state_store_health() and usm_event_store(): all zero, with its
 * size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_store_health_init(struct usm_store_health *store_health) {
    memset(store_health, 0, sizeof *store_health);
    store_health->struct_size = sizeof *store_health;
}

/**
 * Makes a struct ready for usm_state_process_counts(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_counts_init(struct usm_process_counts *process_counts) {
    memset(process_counts, 0, sizeof *process_counts);
    process_counts->struct_size = sizeof *process_counts;
}

/**
 * Makes a struct ready for usm_state_process_details(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_details_init(struct usm_process_details *process_details) {
    memset(process_details, 0, sizeof *process_details);
    process_details->struct_size = sizeof *process_details;
}

/**
 * Makes a struct ready for usm_state_process(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_process_init(struct usm_process *process) {
    memset(process, 0, sizeof *process);
    process->struct_size = sizeof *process;
}

/**
 * Makes a struct ready for usm_setting_at() and usm_setting_named(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_setting_init(struct usm_setting *setting) {
    memset(setting, 0, sizeof *setting);
    setting->struct_size = sizeof *setting;
}

/**
 * Makes a struct ready for usm_findings_recommendation_at() and usm_event_advice(): all zero,
 * with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_advice_init(struct usm_advice *advice) {
    memset(advice, 0, sizeof *advice);
    advice->struct_size = sizeof *advice;
}

/**
 * Makes a struct ready for usm_findings_weak_setting_at() and usm_event_weak_setting(): all
 * zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_weak_setting_init(struct usm_weak_setting *setting) {
    memset(setting, 0, sizeof *setting);
    setting->struct_size = sizeof *setting;
}

/** Options for usm_optimizer_execute(): demo mode, what the profile allows, measured. */
#define USM_EXECUTE_OPTIONS_INIT \
    { sizeof(struct usm_execute_options), 1, -1, 1, NULL, NULL }

/**
 * Makes a struct ready for usm_target_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_target_init(struct usm_target *target) {
    memset(target, 0, sizeof *target);
    target->struct_size = sizeof *target;
}

/**
 * Makes a struct ready for usm_target_list_culprit(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_culprit_init(struct usm_culprit *culprit) {
    memset(culprit, 0, sizeof *culprit);
    culprit->struct_size = sizeof *culprit;
}

/**
 * Makes a struct ready for usm_action_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_init(struct usm_action *action) {
    memset(action, 0, sizeof *action);
    action->struct_size = sizeof *action;
}

/**
 * Makes a struct ready for usm_execution_report_summary(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_execution_summary_init(struct usm_execution_summary *execution_summary) {
    memset(execution_summary, 0, sizeof *execution_summary);
    execution_summary->struct_size = sizeof *execution_summary;
}

/**
 * Makes a struct ready for usm_execution_report_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_result_init(struct usm_action_result *action_result) {
    memset(action_result, 0, sizeof *action_result);
    action_result->struct_size = sizeof *action_result;
}

/**
 * Makes a struct ready for usm_history_query(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_query_init(struct usm_query *query) {
    memset(query, 0, sizeof *query);
    query->struct_size = sizeof *query;
}

/**
 * Makes a struct ready for usm_table_column(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_column_init(struct usm_column *column) {
    memset(column, 0, sizeof *column);
    column->struct_size = sizeof *column;
}

/** Options for usm_history_extract(): everything, with all names. */
#define USM_EXTRACT_OPTIONS_INIT \
    { sizeof(struct usm_extract_options), 0, 0.0, 0.0, NULL, NULL }

/**
 * Makes a struct ready for usm_recorder_finish() and the like: all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_recording_summary_init(struct usm_recording_summary *recording_summary) {
    memset(recording_summary, 0, sizeof *recording_summary);
    recording_summary->struct_size = sizeof *recording_summary;
}

/**
 * Makes a struct ready for usm_findings_alert_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_alert_init(struct usm_alert *alert) {
    memset(alert, 0, sizeof *alert);
    alert->struct_size = sizeof *alert;
}

/**
 * Makes a struct ready for usm_findings_anomaly_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_anomaly_init(struct usm_anomaly *anomaly) {
    memset(anomaly, 0, sizeof *anomaly);
    anomaly->struct_size = sizeof *anomaly;
}

/**
 * Makes a struct ready for usm_findings_incident_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_incident_init(struct usm_incident *incident) {
    memset(incident, 0, sizeof *incident);
    incident->struct_size = sizeof *incident;
}

/**
 * Makes a struct ready for usm_findings_incident_culprit_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_incident_culprit_init(struct usm_incident_culprit *incident_culprit) {
    memset(incident_culprit, 0, sizeof *incident_culprit);
    incident_culprit->struct_size = sizeof *incident_culprit;
}

/**
 * Makes a struct ready for usm_findings_insight_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_insight_init(struct usm_insight *insight) {
    memset(insight, 0, sizeof *insight);
    insight->struct_size = sizeof *insight;
}

/**
 * Makes a struct ready for usm_findings_insight_evidence_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_evidence_init(struct usm_evidence *evidence) {
    memset(evidence, 0, sizeof *evidence);
    evidence->struct_size = sizeof *evidence;
}

/**
 * Makes a struct ready for usm_findings_forecast_at() and usm_forecaster_forecast(): all zero, with
 * its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_forecast_init(struct usm_forecast *forecast) {
    memset(forecast, 0, sizeof *forecast);
    forecast->struct_size = sizeof *forecast;
}

/**
 * Makes a struct ready for usm_findings_exhaustion_at() and usm_forecaster_time_to(): all zero, with
 * its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_exhaustion_init(struct usm_exhaustion *exhaustion) {
    memset(exhaustion, 0, sizeof *exhaustion);
    exhaustion->struct_size = sizeof *exhaustion;
}

/**
 * Makes a struct ready for usm_findings_security_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_security_finding_init(struct usm_security_finding *security_finding) {
    memset(security_finding, 0, sizeof *security_finding);
    security_finding->struct_size = sizeof *security_finding;
}

/**
 * Makes a struct ready for usm_detector_push(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_reading_init(struct usm_reading *reading) {
    memset(reading, 0, sizeof *reading);
    reading->struct_size = sizeof *reading;
}

/** Options for usm_detector_new() that suit every metric. */
#define USM_DETECTOR_OPTIONS_INIT { sizeof(struct usm_detector_options), 0, 0.5, 0.0 }

/** Options for usm_forecaster_new(): nothing is known of the metric beforehand. */
#define USM_FORECASTER_OPTIONS_INIT \
    { sizeof(struct usm_forecaster_options), 0, 0.0, 0.0 }

/** Options for usm_export(): the metrics of the last day as CSV. */
#define USM_EXPORT_OPTIONS_INIT \
    { sizeof(struct usm_export_options), USM_EXPORT_METRICS, USM_FORMAT_CSV, 0, \
      -86400.0, 0.0, 0.0, NULL, NULL }

/** Options for usm_report_write(): the health of the last day as an HTML page. */
#define USM_REPORT_OPTIONS_INIT \
    { sizeof(struct usm_report_options), USM_REPORT_HEALTH, USM_FORMAT_HTML, 1, \
      -86400.0, 0.0, NULL, NULL }

/**
 * Makes a struct ready for usm_export() and the like: all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_written_init(struct usm_written *written) {
    memset(written, 0, sizeof *written);
    written->struct_size = sizeof *written;
}

/** Options for usm_migrate(): everything is brought in. */
#define USM_MIGRATE_OPTIONS_INIT \
    { sizeof(struct usm_migrate_options), 0, NULL, NULL }

/**
 * Makes a struct ready for usm_migration_summary(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_migration_totals_init(struct usm_migration_totals *migration_totals) {
    memset(migration_totals, 0, sizeof *migration_totals);
    migration_totals->struct_size = sizeof *migration_totals;
}

/**
 * Makes a struct ready for usm_service_status(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_service_info_init(struct usm_service_info *service_info) {
    memset(service_info, 0, sizeof *service_info);
    service_info->struct_size = sizeof *service_info;
}

/** What usm_service_hold_take() says of the program: a state each 2 seconds. */
#define USM_SERVICE_CLAIM_INIT \
    { sizeof(struct usm_service_claim), 0, 0, 0, 2.0 }
