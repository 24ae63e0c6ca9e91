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
