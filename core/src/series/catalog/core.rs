//! One processor.

use crate::sample::CoreSample;
use crate::series::field::{Field, fields};

/// Metrics 600 to 699.
pub(crate) static CORE: &[Field<CoreSample>] = fields!(Core of CoreSample {
    600 "core_busy_percent" Percent / 100 (gauge) "Busy: everything but idle and iowait" => [shares ? busy_percent];
    601 "core_user_percent" Percent / 100 (gauge) "Normal processes in user mode" => [shares ? user_percent];
    602 "core_nice_percent" Percent / 100 (gauge) "Niced processes in user mode" => [shares ? nice_percent];
    610 "core_user_seconds_total" Seconds / 100 (counter 601 0.01) "User mode since boot, niced excluded" => [times.user_seconds_total];
    620 "core_frequency_mhz" Megahertz / 1 (gauge) "Frequency now" => [frequency_mhz];
});
