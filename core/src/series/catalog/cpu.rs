//! Processors of the machine together, beyond the headline.

use crate::sample::Sample;
use crate::series::field::{Field, fields};

/// Metrics 100 to 199.
pub(crate) static CPU: &[Field<Sample>] = fields!(Cpu of Sample {
    100 "cpu_user_unniced_percent" Percent / 100 (gauge) "User mode, niced excluded, of the machine" => [cpu.shares ? user_percent];
    101 "cpu_nice_percent" Percent / 100 (gauge) "Niced processes in user mode, of the machine" => [cpu.shares ? nice_percent];
    102 "cpu_kernel_percent" Percent / 100 (gauge) "Kernel mode without interrupts, of the machine" => [cpu.shares ? system_percent];
    103 "cpu_idle_percent" Percent / 100 (gauge) "Nothing to do, of the machine" => [cpu.shares ? idle_percent];
    104 "cpu_irq_percent" Percent / 100 (gauge) "Hardware interrupts, of the machine" => [cpu.shares ? irq_percent];
    105 "cpu_softirq_percent" Percent / 100 (gauge) "Soft interrupts, of the machine" => [cpu.shares ? softirq_percent];
    106 "cpu_guest_percent" Percent / 100 (gauge) "Virtual processors of guests, of the machine" => [cpu.shares ? guest_percent];
    110 "cpu_user_seconds_total" Seconds / 100 (counter) "User mode since boot, niced excluded" => [cpu.times ? user_seconds_total];
    111 "cpu_nice_seconds_total" Seconds / 100 (counter) "Niced processes in user mode since boot" => [cpu.times ? nice_seconds_total];
    112 "cpu_system_seconds_total" Seconds / 100 (counter) "Kernel mode since boot" => [cpu.times ? system_seconds_total];
    113 "cpu_idle_seconds_total" Seconds / 100 (counter) "Idle since boot" => [cpu.times ? idle_seconds_total];
    114 "cpu_iowait_seconds_total" Seconds / 100 (counter) "Idle with a disk read or write outstanding, since boot" => [cpu.times ? iowait_seconds_total];
    115 "cpu_irq_seconds_total" Seconds / 100 (counter) "Hardware interrupts since boot" => [cpu.times ? irq_seconds_total];
    116 "cpu_softirq_seconds_total" Seconds / 100 (counter) "Soft interrupts since boot" => [cpu.times ? softirq_seconds_total];
    117 "cpu_steal_seconds_total" Seconds / 100 (counter) "Taken by the hypervisor since boot" => [cpu.times ? steal_seconds_total];
    118 "cpu_guest_seconds_total" Seconds / 100 (counter) "Guests since boot" => [cpu.times ? guest_seconds_total];
    119 "cpu_guest_nice_seconds_total" Seconds / 100 (counter) "Niced guests since boot" => [cpu.times ? guest_nice_seconds_total];
    130 "interrupts_per_sec" PerSecond / 10 (gauge) "Interrupts" => [cpu.interrupts_per_sec];
    131 "interrupts_total" Count / 1 (counter 130 0.1) "Interrupts since boot" => [cpu.interrupts_total];
    132 "forks_per_sec" PerSecond / 100 (gauge) "Processes and threads made" => [cpu.forks_per_sec];
    133 "forks_total" Count / 1 (counter 132 0.01) "Processes and threads made since boot" => [cpu.forks_total];
    140 "task_count" Count / 1 (gauge) "Tasks that exist, threads counted" => [cpu.load_average ? tasks];
    141 "task_runnable_count" Count / 1 (gauge) "Tasks that are runnable, by the load average's file" => [cpu.load_average ? runnable];
});
