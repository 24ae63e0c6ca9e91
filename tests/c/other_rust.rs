//! Another library in Rust with a C interface, which a program links beside libusm.

use std::panic::catch_unwind;

/// Panics three times, and catches what it threw.
#[unsafe(no_mangle)]
pub extern "C" fn other_caught_panics() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    (0..3).map(|turn| i32::from(catch_unwind(|| panic!("turn {turn}")).is_err())).sum()
}

/// 1 + 2 + 3 + 4, each on a thread of its own.
#[unsafe(no_mangle)]
pub extern "C" fn other_sum_of_threads() -> i32 {
    let threads = [1, 2, 3, 4].map(|number| std::thread::spawn(move || number));
    threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
}
