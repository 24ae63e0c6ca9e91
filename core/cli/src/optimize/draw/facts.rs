//! What works here and what does not, with the reason.

use usm_core::act::{Facts, GroupFacts};

use super::{labelled, paragraph};
use crate::draw::number::maybe_bytes;
use crate::draw::{Line, Page, Tone};

/// Columns of the answers and of the names.
const GUTTER: usize = 8;

pub(crate) fn facts(facts: &Facts, page: &mut Page) {
    page.heading("What works here", &format!("as user {}", facts.euid));
    for fact in list(facts) {
        let (tone, word) = match fact.works {
            Works::Yes => (Tone::Good, "  yes"),
            Works::Partly => (Tone::Warning, "  partly"),
            Works::No => (Tone::Bad, "  no"),
        };
        labelled(
            page,
            Line::of(tone, word),
            GUTTER + 2,
            Tone::Strong,
            &fact.what,
        );
        paragraph(page, GUTTER + 2, Tone::Quiet, &fact.why);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Works {
    Yes,
    Partly,
    No,
}

struct Fact {
    works: Works,
    what: String,
    why: String,
}

fn list(facts: &Facts) -> Vec<Fact> {
    let fact = |works, what: &str, why: String| Fact {
        works,
        what: what.into(),
        why,
    };
    let mut list = Vec::new();
    list.push(match facts.autogroup {
        true => fact(
            Works::Partly,
            "lower_priority, set_batch, set_idle",
            "autogroup is on: they count within a session only; across sessions set_autogroup \
             or limit_cpu works"
                .into(),
        ),
        false => fact(
            Works::Yes,
            "lower_priority, set_batch, set_idle",
            "autogroup is off: nice values count between all processes".into(),
        ),
    });
    list.push(match (facts.may_raise_priority, facts.lowest_nice) {
        (true, _) => fact(
            Works::Yes,
            "taking priorities back",
            "CAP_SYS_NICE is there".into(),
        ),
        (false, 20) => fact(
            Works::No,
            "taking priorities back",
            "needs CAP_SYS_NICE or a higher RLIMIT_NICE: what is lowered stays low".into(),
        ),
        (false, lowest) => fact(
            Works::Partly,
            "taking priorities back",
            format!("RLIMIT_NICE allows nice values down to {lowest}"),
        ),
    });
    list.push(match facts.autogroup {
        true => fact(
            Works::Yes,
            "set_autogroup",
            "sched_autogroup_enabled is 1".into(),
        ),
        false => fact(
            Works::No,
            "set_autogroup",
            "sched_autogroup_enabled is 0: sessions have no group of their own".into(),
        ),
    });
    list.push(io_priority(&facts.io_schedulers));
    list.push(match facts.swap_free_bytes {
        Some(0) => fact(
            Works::Partly,
            "reclaim_memory",
            "no free swap: only pages of files can be dropped".into(),
        ),
        Some(free) => fact(
            Works::Yes,
            "reclaim_memory",
            format!("{} of swap are free", maybe_bytes(Some(free))),
        ),
        None => fact(
            Works::Partly,
            "reclaim_memory",
            "how much swap is free can't be read".into(),
        ),
    });
    for (what, group) in [
        ("limit_cpu", &facts.cpu),
        ("limit_io", &facts.io),
        ("limit_memory", &facts.memory),
        ("limit_processes", &facts.pids),
        ("freeze", &facts.freezer),
    ] {
        list.push(of_group(what, group));
    }
    list.push(match facts.may_signal_others {
        true => fact(
            Works::Yes,
            "suspend_process, kill_process",
            "of other users too: CAP_KILL is there".into(),
        ),
        false => fact(
            Works::Partly,
            "suspend_process, kill_process",
            "only of your own processes: CAP_KILL is missing".into(),
        ),
    });
    list
}

fn io_priority(schedulers: &[(String, String)]) -> Fact {
    let named: Vec<String> = schedulers
        .iter()
        .map(|(device, scheduler)| format!("{device} has {scheduler}"))
        .collect();
    let heeded = |scheduler: &str| scheduler == "bfq" || scheduler == "cfq";
    let good = schedulers.iter().filter(|(_, s)| heeded(s)).count();
    let works = match good {
        0 => Works::No,
        n if n == schedulers.len() => Works::Yes,
        _ => Works::Partly,
    };
    let why = match named.is_empty() {
        true => "no scheduler of a disk can be read".into(),
        false => format!(
            "I/O priorities count only under the scheduler bfq: {}",
            named.join(", ")
        ),
    };
    Fact {
        works,
        what: "set_io_priority".into(),
        why,
    }
}

fn of_group(what: &str, group: &GroupFacts) -> Fact {
    let place = match group.version {
        0 => String::new(),
        version => format!("control groups, version {version}"),
    };
    let why = match (place.as_str(), group.reason.as_str()) {
        ("", "") => "no such controller here".into(),
        ("", reason) => reason.into(),
        (place, "") => place.into(),
        (place, reason) => format!("{place}: {reason}"),
    };
    Fact {
        works: match group.version > 0 && group.writable {
            true => Works::Yes,
            false => Works::No,
        },
        what: what.into(),
        why,
    }
}
