//! Pressure stall information, beyond the headline, which has the averages over 10 s.

use crate::sample::Sample;
use crate::series::field::{Field, fields};

/// Metrics 300 to 399.
pub(crate) static PRESSURE: &[Field<Sample>] = fields!(Pressure of Sample {
    301 "pressure_cpu_some_avg60_percent" Percent / 100 (gauge) "Some task waited for a processor, of the last minute" => [pressure.cpu ? some.avg60_percent];
    302 "pressure_cpu_some_avg300_percent" Percent / 100 (gauge) "Some task waited for a processor, of the last 5 minutes" => [pressure.cpu ? some.avg300_percent];
    303 "pressure_cpu_some_stalled_percent" Percent / 100 (gauge) "Some task waited for a processor, of the time since the sample before" => [pressure.cpu ? some.stalled_percent];
    304 "pressure_cpu_some_stalled_usec_total" Microseconds / 1 (counter 303 100.0) "Some task waited for a processor, since boot" => [pressure.cpu ? some.stalled_usec_total];
    310 "pressure_cpu_full_percent" Percent / 100 (gauge) "All tasks waited for a processor, of the last 10 s" => [pressure.cpu ? full ? avg10_percent];
    311 "pressure_cpu_full_avg60_percent" Percent / 100 (gauge) "All tasks waited for a processor, of the last minute" => [pressure.cpu ? full ? avg60_percent];
    312 "pressure_cpu_full_avg300_percent" Percent / 100 (gauge) "All tasks waited for a processor, of the last 5 minutes" => [pressure.cpu ? full ? avg300_percent];
    313 "pressure_cpu_full_stalled_percent" Percent / 100 (gauge) "All tasks waited for a processor, of the time since the sample before" => [pressure.cpu ? full ? stalled_percent];
    314 "pressure_cpu_full_stalled_usec_total" Microseconds / 1 (counter 313 100.0) "All tasks waited for a processor, since boot" => [pressure.cpu ? full ? stalled_usec_total];
    321 "pressure_memory_some_avg60_percent" Percent / 100 (gauge) "Some task waited for memory, of the last minute" => [pressure.memory ? some.avg60_percent];
    322 "pressure_memory_some_avg300_percent" Percent / 100 (gauge) "Some task waited for memory, of the last 5 minutes" => [pressure.memory ? some.avg300_percent];
    323 "pressure_memory_some_stalled_percent" Percent / 100 (gauge) "Some task waited for memory, of the time since the sample before" => [pressure.memory ? some.stalled_percent];
    324 "pressure_memory_some_stalled_usec_total" Microseconds / 1 (counter 323 100.0) "Some task waited for memory, since boot" => [pressure.memory ? some.stalled_usec_total];
    331 "pressure_memory_full_avg60_percent" Percent / 100 (gauge) "All tasks waited for memory, of the last minute" => [pressure.memory ? full ? avg60_percent];
    332 "pressure_memory_full_avg300_percent" Percent / 100 (gauge) "All tasks waited for memory, of the last 5 minutes" => [pressure.memory ? full ? avg300_percent];
    333 "pressure_memory_full_stalled_percent" Percent / 100 (gauge) "All tasks waited for memory, of the time since the sample before" => [pressure.memory ? full ? stalled_percent];
    334 "pressure_memory_full_stalled_usec_total" Microseconds / 1 (counter 333 100.0) "All tasks waited for memory, since boot" => [pressure.memory ? full ? stalled_usec_total];
    341 "pressure_io_some_avg60_percent" Percent / 100 (gauge) "Some task waited for a disk, of the last minute" => [pressure.io ? some.avg60_percent];
    342 "pressure_io_some_avg300_percent" Percent / 100 (gauge) "Some task waited for a disk, of the last 5 minutes" => [pressure.io ? some.avg300_percent];
    343 "pressure_io_some_stalled_percent" Percent / 100 (gauge) "Some task waited for a disk, of the time since the sample before" => [pressure.io ? some.stalled_percent];
    344 "pressure_io_some_stalled_usec_total" Microseconds / 1 (counter 343 100.0) "Some task waited for a disk, since boot" => [pressure.io ? some.stalled_usec_total];
    351 "pressure_io_full_avg60_percent" Percent / 100 (gauge) "All tasks waited for a disk, of the last minute" => [pressure.io ? full ? avg60_percent];
    352 "pressure_io_full_avg300_percent" Percent / 100 (gauge) "All tasks waited for a disk, of the last 5 minutes" => [pressure.io ? full ? avg300_percent];
    353 "pressure_io_full_stalled_percent" Percent / 100 (gauge) "All tasks waited for a disk, of the time since the sample before" => [pressure.io ? full ? stalled_percent];
    354 "pressure_io_full_stalled_usec_total" Microseconds / 1 (counter 353 100.0) "All tasks waited for a disk, since boot" => [pressure.io ? full ? stalled_usec_total];
});
