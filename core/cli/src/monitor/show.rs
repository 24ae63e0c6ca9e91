//! `usm monitor --status`: whether one runs, since when, and how it fares.

use serde_json::{Value, json};
use usm_core::service::{self, Beat, ServiceRecord, ServiceStatus};

use super::{MonitorOptions, folder};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, number};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::now;
use crate::words::{ago, count_of};

/// Columns that the names take.
const GUTTER: usize = 12;

pub(super) fn perform(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let status = service::status(&folder(global)?)?;
    if options.json {
        out.json(&as_json(&status)?, options.pretty)?;
    } else {
        let mut page = Page::new(out.style());
        draw(&status, now(), &mut page);
        out.draw(&page)?;
    }
    match status.running {
        true => Ok(()),
        false => Err(Failure::not_running()),
    }
}

/// One flat object: what was found, and what the process says of itself.
pub(super) fn as_json(status: &ServiceStatus) -> Outcome<Value> {
    let mut all = serde_json::to_value(status)?;
    if let Value::Object(fields) = &mut all
        && let Some(record) = fields.remove("record")
    {
        if let Value::Object(record) = record {
            fields.extend(record);
        }
        let age = status.beat().and_then(|beat| beat.state_at);
        let age = age.filter(|_| status.running).map(|at| now() - at);
        fields.insert("newest_state_age_seconds".into(), json!(age));
    }
    Ok(all)
}

/// An interval or a wait, where fractions of a second matter when it is short.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds < 10.0 {
        true => {
            let text = format!("{seconds:.2}");
            format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
        }
        false => number::duration(seconds),
    }
}

pub(super) fn pid(status: &ServiceStatus) -> String {
    status.pid().map_or(UNKNOWN.into(), |pid| pid.to_string())
}

/// That none runs, and how the last one ended.
pub(super) fn nobody(status: &ServiceStatus) -> String {
    let folder = status.folder.display();
    let mut text = format!("No monitor runs for {folder}.");
    if let Some(silence) = &status.silence {
        let how = match silence.rebooted {
            true => "ended with the machine",
            false => "was killed or crashed",
        };
        text.push_str(&format!(
            " The last one, process {} of {}, {how}; it was last heard of {}.",
            silence.pid,
            time_of(silence.started_at),
            time_of(silence.heard_at)
        ));
    } else if let Some(ended) = status.ended() {
        text.push_str(&format!(" The last one ended {}.", time_of(ended.at)));
    }
    text
}

fn draw(status: &ServiceStatus, now: f64, page: &mut Page) {
    let Some(record) = status.running_record() else {
        let mut flow = Flow::new(page, Line::new(), 0);
        flow.words(Tone::Plain, &nobody(status));
        flow.end(page);
        return;
    };
    let place = match status.elsewhere {
        true => " in another container or on another machine",
        false => "",
    };
    let pid = record.pid();
    entry(
        "Monitor",
        Tone::Good,
        &format!("runs{place}, process {pid}"),
        page,
    );
    let since = record.started_at;
    entry(
        "Since",
        Tone::Plain,
        &format!("{}, {}", time_of(since), ago(since, now)),
        page,
    );
    let interval = seconds(record.refresh_interval);
    let acts = match (record.auto_optimize, record.demo) {
        (false, _) => "",
        (true, false) => "; acts by itself",
        (true, true) => "; says what it would do",
    };
    entry("Interval", Tone::Plain, &format!("{interval}{acts}"), page);
    match &record.beat {
        Some(beat) => draw_beat(beat, now, page),
        None => entry("State", Tone::Warning, "none yet", page),
    }
    draw_settings(record, page);
    let folder = status.folder.display().to_string();
    entry("Folder", Tone::Plain, &folder, page);
    if let Some(log) = &record.log {
        entry("Log", Tone::Plain, &log.display().to_string(), page);
    }
    entry("Version", Tone::Plain, &record.version, page);
}

fn draw_beat(beat: &Beat, now: f64, page: &mut Page) {
    let newest = match beat.state_at {
        Some(at) => format!("number {}, {}", beat.sequence, ago(at, now)),
        None => "none yet".into(),
    };
    entry("State", Tone::Plain, &newest, page);
    if let Some(rows) = beat.rows_written {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let mut text = count_of(rows, "row written", "rows written");
        if let Some(waiting) = beat.rows_waiting.filter(|waiting| *waiting > 0) {
            text.push_str(&format!(", {waiting} waiting"));
        }
        text.push_str(&format!(", {}", number::maybe_bytes(beat.store_bytes)));
        entry("Store", Tone::Plain, &text, page);
    }
    if let Some(cause) = &beat.store_degraded {
        entry("", Tone::Bad, &format!("degraded: {cause}"), page);
    }
    let cost = format!(
        "{} % of a core, {} memory",
        number::decimal(beat.cpu_core_percent, 2),
        number::maybe_bytes(beat.rss_bytes)
    );
    entry("Cost", Tone::Plain, &cost, page);
    let (tone, alerts) = match beat.alerts_firing {
        0 => (Tone::Plain, "none fires".into()),
        firing => (Tone::Warning, count_of(firing, "fires", "fire")),
    };
    entry("Alerts", tone, &alerts, page);
}

fn draw_settings(record: &ServiceRecord, page: &mut Page) {
    if let Some(error) = &record.settings_error {
        let text = format!("the saved ones can't be taken over: {error}");
        entry("Settings", Tone::Bad, &text, page);
    } else if let Some(at) = record.settings_read_at {
        entry(
            "Settings",
            Tone::Plain,
            &format!("read {}", time_of(at)),
            page,
        );
    }
}

fn entry(name: &str, tone: Tone, text: &str, page: &mut Page) {
    let mut flow = Flow::new(page, Line::of(Tone::Label, name), GUTTER);
    flow.words(tone, text);
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::service::Silence;

    fn none() -> ServiceStatus {
        ServiceStatus {
            running: false,
            folder: "/data".into(),
            record: None,
            elsewhere: false,
            silence: None,
        }
    }

    #[test]
    fn a_short_interval_keeps_its_fraction() {
        let told = [0.01, 0.2, 2.0, 9.5, 10.0, 90.0, f64::NAN].map(seconds);
        let wanted = ["0.01 s", "0.2 s", "2 s", "9.5 s", "10 s", "1 min 30 s", "–"];
        assert_eq!(told, wanted);
    }

    #[test]
    fn that_nobody_monitors_is_said_with_how_the_last_one_ended() {
        assert_eq!(nobody(&none()), "No monitor runs for /data.");
        let silence = Silence {
            pid: 12,
            started_at: 0.0,
            heard_at: 60.0,
            rebooted: false,
        };
        let killed = ServiceStatus {
            silence: Some(silence),
            ..none()
        };
        assert!(nobody(&killed).contains("process 12"));
        assert!(nobody(&killed).contains("killed or crashed"));
    }

    #[test]
    fn what_is_not_known_yet_is_not_made_up() {
        let mut record = ServiceRecord::default();
        record.beat = Some(Beat::default());
        let status = ServiceStatus {
            running: true,
            record: Some(record),
            ..none()
        };
        let mut page = Page::new(Style {
            width: 80,
            unicode: true,
            colour: false,
        });
        draw(&status, 10.0, &mut page);
        let text = page.render();
        assert!(
            text.contains("none yet") && text.contains("– % of a core"),
            "{text}"
        );
        assert!(!text.contains("Store"), "{text}");
        let json = as_json(&none()).unwrap();
        assert_eq!(json["running"], false);
        assert!(json["newest_state_age_seconds"].is_null());
    }
}
