//! Memory and swap, beyond the headline.

use crate::sample::Sample;
use crate::series::field::{Field, fields};

/// Metrics 200 to 299.
pub(crate) static MEMORY: &[Field<Sample>] = fields!(Memory of Sample {
    200 "memory_free_bytes" Bytes / 1 (gauge) "Not used for anything" => [memory.free_bytes];
    201 "memory_buffers_bytes" Bytes / 1 (gauge) "Block device buffers" => [memory.buffers_bytes];
    202 "memory_cached_bytes" Bytes / 1 (gauge) "Page cache with shared memory" => [memory.cached_bytes];
    203 "memory_slab_bytes" Bytes / 1 (gauge) "Kernel data structures" => [memory.slab_bytes];
    204 "memory_slab_reclaimable_bytes" Bytes / 1 (gauge) "Kernel data structures that can be reclaimed" => [memory.slab_reclaimable_bytes];
    205 "memory_shmem_bytes" Bytes / 1 (gauge) "Shared memory and tmpfs" => [memory.shmem_bytes];
    206 "memory_dirty_bytes" Bytes / 1 (gauge) "Waiting to be written to disk" => [memory.dirty_bytes];
    207 "memory_writeback_bytes" Bytes / 1 (gauge) "Being written to disk" => [memory.writeback_bytes];
    208 "memory_anonymous_bytes" Bytes / 1 (gauge) "Anonymous memory" => [memory.anonymous_bytes];
    209 "memory_available_is_estimated" Flag / 1 (gauge) "The kernel does not tell what is available" => [memory.available_is_estimated];
    220 "swap_in_bytes_per_sec" BytesPerSecond / 1 (gauge) "Read back from swap" => [memory.swap_in_bytes_per_sec];
    221 "swap_in_bytes_total" Bytes / 1 (counter 220 1.0) "Read back from swap since boot" => [memory.swap_in_bytes_total];
    222 "swap_out_bytes_per_sec" BytesPerSecond / 1 (gauge) "Written to swap" => [memory.swap_out_bytes_per_sec];
    223 "swap_out_bytes_total" Bytes / 1 (counter 222 1.0) "Written to swap since boot" => [memory.swap_out_bytes_total];
    230 "oom_kills_total" Count / 1 (counter) "Processes killed for want of memory since boot" => [memory.oom_kills_total];
    231 "oom_kills_since_last" Count / 1 (gauge) "Processes killed for want of memory since the sample before" => [memory.oom_kills_since_last];
});
