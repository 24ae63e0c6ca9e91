//! `usm doctor`: what can be read here, what can't and why, and what would help.

mod alerts;
mod help;
mod store;

use clap::Args;
use rustix::process::{Resource, getrlimit};
use serde_json::{Value, json};
use usm_core::sample::{Availability, SourceReport};
use usm_core::{Config, Monitor, Sample};

use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, number};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use alerts::AlertCheck;
use store::StoreCheck;

const EXAMPLES: &str = "\
Examples:
  usm doctor                     what can be read here, and what would help where not
  usm doctor --json | jq '.sources[] | select(.availability != \"available\")'
  sudo usm doctor                what root can read
  usm doctor --proc-root /host/proc --sys-root /host/sys --host-root /host

Changes nothing and creates nothing. Exit code 1 only when nothing can be sampled.";

const GUTTER: usize = 13;

const WORST_LAST: [Availability; 7] = [
    Availability::Available,
    Availability::Unknown,
    Availability::Absent,
    Availability::Slow,
    Availability::Forbidden,
    Availability::Malformed,
    Availability::Failed,
];

/// Check every source, the data folder and the limits; say what would help.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DoctorOptions {
    /// As one JSON object.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

/// What was found.
struct Findings {
    config: Config,
    sources: Vec<SourceReport>,
    sample: Option<Sample>,
    failure: Option<String>,
    store: StoreCheck,
    alerts: AlertCheck,
    descriptors: (Option<u64>, Option<u64>),
}

pub(crate) fn perform(
    options: &DoctorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let findings = examine(global)?;
    if options.json {
        out.json(&as_json(&findings), options.pretty)?;
    } else {
        let mut page = Page::new(out.style());
        draw(&findings, &mut page);
        out.draw(&page)?;
    }
    match &findings.failure {
        None => Ok(()),
        Some(reason) => Err(Failure::new(
            &format!("nothing can be sampled: {reason}"),
            None,
        )),
    }
}

fn examine(global: &GlobalOptions) -> Outcome<Findings> {
    let config = global.settings_without_store()?;
    let monitor = Monitor::new(config.clone())?;
    let (sample, failure) = match monitor.collect() {
        Ok(state) => (state.sample.as_deref().cloned(), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let limit = getrlimit(Resource::Nofile);
    Ok(Findings {
        store: store::check(&config),
        alerts: alerts::check(&config, global),
        sources: monitor.sources().to_vec(),
        sample,
        failure,
        descriptors: (limit.current, limit.maximum),
        config,
    })
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The word for an availability in JSON.
fn word(availability: Availability) -> Value {
    serde_json::to_value(availability).unwrap_or(Value::Null)
}

fn number_of(sources: &[SourceReport], availability: Availability) -> usize {
    sources
        .iter()
        .filter(|source| source.availability == availability)
        .count()
}

fn as_json(findings: &Findings) -> Value {
    let host = findings.sample.as_ref().map(|sample| &sample.host);
    let sources: Vec<Value> = findings
        .sources
        .iter()
        .map(|source| {
            json!({
                "source": source.source,
                "gives": source.gives,
                "availability": word(source.availability),
                "reason": source.reason,
                "help": help::of(source, is_root()),
            })
        })
        .collect();
    let count = |availability| number_of(&findings.sources, availability);
    json!({
        "version": usm_core::VERSION,
        "can_sample": findings.failure.is_none(),
        "failure": findings.failure,
        "kernel_release": host.and_then(|h| h.kernel_release.clone()),
        "os_name": host.and_then(|h| h.os_name.clone()),
        "virtualization": host.and_then(|h| h.virtualization.clone()),
        "is_root": is_root(),
        "roots": findings.config.roots(),
        "descriptor_limit": {
            "soft": findings.descriptors.0,
            "hard": findings.descriptors.1,
        },
        "limits": findings.sample.as_ref().map(|sample| &sample.limits),
        "store": findings.store.as_json(),
        "alerts": findings.alerts.as_json(),
        "sources": sources,
        "summary": {
            "sources": findings.sources.len(),
            "available": count(Availability::Available),
            "absent": count(Availability::Absent),
            "forbidden": count(Availability::Forbidden),
            "slow": count(Availability::Slow),
            "malformed": count(Availability::Malformed),
            "failed": count(Availability::Failed),
            "unknown": count(Availability::Unknown),
        },
    })
}

fn draw(findings: &Findings, page: &mut Page) {
    system(findings, page);
    findings.store.draw(page, GUTTER);
    findings.alerts.draw(page, GUTTER);
    page.heading("Sources", "");
    // What needs a look comes last, beside the summary.
    for wanted in WORST_LAST {
        for source in findings.sources.iter().filter(|s| s.availability == wanted) {
            entry(source, page);
        }
    }
    page.gap();
    summary(findings, page);
}

fn system(findings: &Findings, page: &mut Page) {
    let host = findings.sample.as_ref().map(|sample| &sample.host);
    let text = |value: Option<&str>| value.unwrap_or(UNKNOWN).to_string();
    let mut line = |name: &str, tone: Tone, value: &str| {
        let mut flow = Flow::new(page, Line::of(Tone::Label, name), GUTTER);
        flow.words(tone, value);
        flow.end(page);
    };
    let roots = findings.config.roots();
    line("usm", Tone::Plain, usm_core::VERSION);
    line(
        "System",
        Tone::Plain,
        &text(host.and_then(|h| h.os_name.as_deref())),
    );
    line(
        "Kernel",
        Tone::Plain,
        &text(host.and_then(|h| h.kernel_release.as_deref())),
    );
    if is_root() {
        line("User", Tone::Plain, "root");
    } else {
        let user = rustix::process::geteuid().as_raw();
        line(
            "User",
            Tone::Plain,
            &format!("{user}, not root: some sources are for root"),
        );
    }
    if !roots.is_live() {
        let roots = format!(
            "{} for /proc, {} for /sys, {} for /",
            roots.proc_root.display(),
            roots.sys_root.display(),
            roots.host_root.display()
        );
        line("Reads from", Tone::Warning, &roots);
    }
    if let Some(sample) = &findings.sample {
        let limits = &sample.limits;
        let cpus = number::decimal(limits.effective_cpus, 2);
        let of_cpus = limits.effective_cpus_source.as_deref().unwrap_or(UNKNOWN);
        let memory = number::maybe_bytes(limits.effective_memory_bytes);
        let of_memory = limits.effective_memory_source.as_deref().unwrap_or(UNKNOWN);
        let text = format!("{cpus} processors by {of_cpus}, {memory} memory by {of_memory}");
        line("May use", Tone::Plain, &text);
    }
    let soft = match findings.descriptors.0 {
        Some(limit) => limit.to_string(),
        None => "any number of".into(),
    };
    let hard = match findings.descriptors.1 {
        Some(limit) => limit.to_string(),
        None => "unlimited".into(),
    };
    line(
        "Open files",
        Tone::Plain,
        &format!("{soft} allowed (could be raised to {hard})"),
    );
}

fn entry(source: &SourceReport, page: &mut Page) {
    let (word, tone) = match source.availability {
        Availability::Available => ("ok", Tone::Good),
        Availability::Unknown => ("not tried", Tone::Quiet),
        Availability::Absent => ("absent", Tone::Quiet),
        Availability::Forbidden => ("forbidden", Tone::Warning),
        Availability::Slow => ("slow", Tone::Warning),
        Availability::Malformed => ("malformed", Tone::Bad),
        Availability::Failed => ("failed", Tone::Bad),
    };
    let mut flow = Flow::new(page, Line::of(tone, format!("  {word}")), GUTTER);
    flow.words(Tone::Plain, &source.gives);
    flow.words(Tone::Quiet, &source.source);
    flow.end(page);
    if source.availability == Availability::Available {
        return;
    }
    let mut about = Flow::new(page, Line::new(), GUTTER);
    if let Some(reason) = &source.reason {
        about.words(Tone::Quiet, reason);
    }
    if let Some(help) = help::of(source, is_root()) {
        about.words(Tone::Quiet, "→");
        about.words(Tone::Plain, help);
    }
    about.end(page);
}

fn summary(findings: &Findings, page: &mut Page) {
    let count = |availability| number_of(&findings.sources, availability);
    let trouble = [
        Availability::Forbidden,
        Availability::Slow,
        Availability::Failed,
    ]
    .map(count)
    .iter()
    .sum::<usize>()
        + count(Availability::Malformed);
    let available = count(Availability::Available);
    let all = findings.sources.len();
    let needs_look = match (findings.store.is_well(), findings.alerts.is_well()) {
        (true, true) => None,
        (false, true) => Some("the data folder needs a look"),
        (true, false) => Some("the rules of alerts need a look"),
        (false, false) => Some("the data folder and the rules of alerts need a look"),
    };
    let (tone, text) = match (&findings.failure, trouble, needs_look) {
        (Some(_), ..) => (Tone::Bad, "Nothing can be sampled.".to_string()),
        (None, 0, None) => (
            Tone::Good,
            format!("All is well: {available} of {all} sources can be read."),
        ),
        (None, 0, Some(look)) => (
            Tone::Warning,
            format!("{available} of {all} sources can be read; {look}."),
        ),
        (None, n, look) => {
            let look = look.map_or_else(String::new, |look| format!("; {look}"));
            let text = format!(
                "{available} of {all} sources can be read; {n} could be, but can't now{look}."
            );
            (Tone::Warning, text)
        }
    };
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(tone, &text);
    let absent = count(Availability::Absent);
    if absent > 0 && findings.failure.is_none() {
        flow.words(
            Tone::Quiet,
            &format!("{absent} do not exist on this machine."),
        );
    }
    flow.end(page);
}
