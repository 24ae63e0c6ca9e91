//! One processor.

use crate::sample::CoreSample;
use crate::series::field::{Field, fields};

/// Metrics 600 to 699.
pub(crate) static CORE: &[Field<CoreSample>] = fields!(Core of CoreSample {
    600 "core_busy_percent" Percent / 100 (gauge) "Busy: everything but idle and iowait" => [shares ? busy_percent];
    601 "core_user_percent" Percent / 100 (gauge) "Normal processes in user mode" => [shares ? user_percent];
    602 "core_nice_percent" Percent / 100 (gauge) "Niced processes in user mode" => [shares ? nice_percent];
    603 "core_system_percent" Percent / 100 (gauge) "Kernel mode" => [shares ? system_percent];
    604 "core_idle_percent" Percent / 100 (gauge) "Nothing to do" => [shares ? idle_percent];
    605 "core_iowait_percent" Percent / 100 (gauge) "Nothing to do while a task waits for a disk" => [shares ? iowait_percent];
    606 "core_irq_percent" Percent / 100 (gauge) "Hardware interrupts" => [shares ? irq_percent];
    607 "core_softirq_percent" Percent / 100 (gauge) "Soft interrupts" => [shares ? softirq_percent];
    608 "core_steal_percent" Percent / 100 (gauge) "Taken by the hypervisor" => [shares ? steal_percent];
    609 "core_guest_percent" Percent / 100 (gauge) "Virtual processors of guests" => [shares ? guest_percent];
    610 "core_user_seconds_total" Seconds / 100 (counter 601 0.01) "User mode since boot, niced excluded" => [times.user_seconds_total];
    611 "core_nice_seconds_total" Seconds / 100 (counter 602 0.01) "Niced processes in user mode since boot" => [times.nice_seconds_total];
    612 "core_system_seconds_total" Seconds / 100 (counter 603 0.01) "Kernel mode since boot" => [times.system_seconds_total];
    613 "core_idle_seconds_total" Seconds / 100 (counter 604 0.01) "Idle since boot" => [times.idle_seconds_total];
    614 "core_iowait_seconds_total" Seconds / 100 (counter 605 0.01) "Idle with a disk read or write outstanding, since boot" => [times.iowait_seconds_total];
    615 "core_irq_seconds_total" Seconds / 100 (counter 606 0.01) "Hardware interrupts since boot" => [times.irq_seconds_total];
    616 "core_softirq_seconds_total" Seconds / 100 (counter 607 0.01) "Soft interrupts since boot" => [times.softirq_seconds_total];
    617 "core_steal_seconds_total" Seconds / 100 (counter 608 0.01) "Taken by the hypervisor since boot" => [times.steal_seconds_total];
    618 "core_guest_seconds_total" Seconds / 100 (counter 609 0.01) "Guests since boot" => [times.guest_seconds_total];
    619 "core_guest_nice_seconds_total" Seconds / 100 (counter) "Niced guests since boot" => [times.guest_nice_seconds_total];
    620 "core_frequency_mhz" Megahertz / 1 (gauge) "Frequency now" => [frequency_mhz];
});
