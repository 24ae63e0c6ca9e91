/* The end of usm.h: what is compiled into the caller. Put there by the test `header`. */
/** The bit of a kind of event in a mask for usm_monitor_subscribe(). */
#define USM_EVENT_BIT(kind) ((uint32_t)1 << (kind))

/**
 * Makes a struct ready for usm_monitor_metrics(): all zero, with its size. Compiled into the
 * caller, since the size that counts is that of the caller's header.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_metrics_init(struct usm_metrics *metrics) {
    memset(metrics, 0, sizeof *metrics);
    metrics->struct_size = (uint32_t)sizeof *metrics;
}

/**
 * Whether a value is known: bit is one of USM_METRIC_...
 *
 * Returns: 1 or 0.
 * Threads: any.
 * Since: 0.1.0
 */
static inline int usm_metrics_has(const struct usm_metrics *metrics, uint32_t bit) {
    return (int)((metrics->present >> bit) & 1);
}

/** Options for usm_optimizer_execute(): demo mode, what the profile allows, measured. */
#define USM_EXECUTE_OPTIONS_INIT \
    { (uint32_t)sizeof(struct usm_execute_options), 1, -1, 1, NULL, NULL }

/**
 * Makes a struct ready for usm_target_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_target_init(struct usm_target *target) {
    memset(target, 0, sizeof *target);
    target->struct_size = (uint32_t)sizeof *target;
}

/**
 * Makes a struct ready for usm_target_list_culprit(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_culprit_init(struct usm_culprit *culprit) {
    memset(culprit, 0, sizeof *culprit);
    culprit->struct_size = (uint32_t)sizeof *culprit;
}

/**
 * Makes a struct ready for usm_action_list_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_init(struct usm_action *action) {
    memset(action, 0, sizeof *action);
    action->struct_size = (uint32_t)sizeof *action;
}

/**
 * Makes a struct ready for usm_execution_report_summary(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_execution_summary_init(struct usm_execution_summary *execution_summary) {
    memset(execution_summary, 0, sizeof *execution_summary);
    execution_summary->struct_size = (uint32_t)sizeof *execution_summary;
}

/**
 * Makes a struct ready for usm_execution_report_at(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_action_result_init(struct usm_action_result *action_result) {
    memset(action_result, 0, sizeof *action_result);
    action_result->struct_size = (uint32_t)sizeof *action_result;
}

/**
 * Makes a struct ready for usm_history_query(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_query_init(struct usm_query *query) {
    memset(query, 0, sizeof *query);
    query->struct_size = (uint32_t)sizeof *query;
}

/**
 * Makes a struct ready for usm_table_column(): all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_column_init(struct usm_column *column) {
    memset(column, 0, sizeof *column);
    column->struct_size = (uint32_t)sizeof *column;
}

/** Options for usm_history_extract(): everything, with all names. */
#define USM_EXTRACT_OPTIONS_INIT \
    { (uint32_t)sizeof(struct usm_extract_options), 0, 0.0, 0.0, NULL, NULL }

/**
 * Makes a struct ready for usm_recorder_finish() and the like: all zero, with its size.
 *
 * Threads: any.
 * Since: 0.1.0
 */
static inline void usm_recording_summary_init(struct usm_recording_summary *recording_summary) {
    memset(recording_summary, 0, sizeof *recording_summary);
    recording_summary->struct_size = (uint32_t)sizeof *recording_summary;
}
