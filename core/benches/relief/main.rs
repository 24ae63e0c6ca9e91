//! The proof: a victim with real work beside hogs, without and with the optimizer.
//!
//! For each kind of hog: the victim alone, with hogs, with hogs and auto-optimization, and
//! after everything was taken back. Printed are the victim's throughput and p99 latency
//! relative to alone, the time until relief, what was done, whether every prior value was
//! restored, whether a hog died of it, and whether any process that is not the benchmark's own
//! was changed. The scope is the benchmark's own subtree, the victim included: it has to tell
//! it from the hogs by itself.
//!
//! `make bench-relief`, or one of the kinds by name: `cpu`, `sessions`, `disk`, `memory`,
//! `forks`. As root every lever can be used; as an ordinary user those that users have.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs
)]

mod arena;
mod hogs;
mod phases;
mod snapshot;
mod victim;

use hogs::Kind;

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    match args.next().as_deref() {
        Some("role") => role(args.collect()),
        Some(name) => {
            let kind = Kind::named(name).unwrap_or_else(|| {
                eprintln!("no kind of hog named {name:?}: cpu, sessions, disk, memory, forks");
                std::process::exit(2);
            });
            finish(vec![phases::run(kind)]);
        }
        None => finish(Kind::ALL.into_iter().map(phases::run).collect()),
    }
}

/// What a process does that the benchmark started.
fn role(args: Vec<String>) {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["victim", kind, folder] => victim::work(Kind::named(kind).unwrap(), folder.as_ref()),
        ["hog", kind, folder] => hogs::work(Kind::named(kind).unwrap(), folder.as_ref()),
        other => panic!("no role {other:?}"),
    }
}

fn finish(outcomes: Vec<phases::Outcome>) {
    println!("\n== relief, all kinds (throughput and p99 relative to alone)");
    println!("kind      with hogs      with relief    after     until   restored  touched  died");
    for outcome in &outcomes {
        println!("{}", outcome.line());
    }
    let sound = outcomes.iter().all(phases::Outcome::is_safe);
    println!(
        "\nevery prior value restored, nothing foreign touched, no hog killed: {}",
        if sound { "yes" } else { "NO" }
    );
    std::process::exit(i32::from(!sound));
}
