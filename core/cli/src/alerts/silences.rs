//! Silences: alerts that nobody is told of for a while.

use clap::Args;
use serde_json::json;
use usm_core::Monitor;
use usm_core::alert::Silence;

use super::edit::{of_change, this_user};
use super::{FormOptions, lasting, say};
use crate::draw::{Column, Line, Page, Table, Tone};
use crate::failure::{Failure, Outcome};
use crate::found::{Found, heeded};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::{in_words, now};

/// Tell nobody of some alerts for a while; they are listed all the same.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  usm alerts silence Memory --for 1h\n  usm alerts silence 'Disk*' --for 2h --label mount=/var --reason \"being cleaned\"\n  usm alerts silence '*' --for 10m\n\n* and ? in RULE and in the value of a label stand for any text and any character."
)]
pub(super) struct SilenceOptions {
    /// Name of a rule, or a pattern.
    rule: String,
    /// For how long, e.g. 1h.
    #[arg(long = "for", value_name = "STRETCH", value_parser = lasting)]
    seconds: f64,
    /// Only series with this label; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = label)]
    label: Vec<(String, String)>,
    /// Who wants it; this user unless given.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_string(), value.to_string()))
        }
        _ => Err("a label is given as NAME=VALUE, e.g. mount=/var".into()),
    }
}

pub(super) fn silence(
    options: &SilenceOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = global.settings()?;
    let by = options.by.clone().unwrap_or_else(|| this_user(&config));
    let monitor = Monitor::new(config)?;
    let id = monitor
        .silence_alerts(
            &options.rule,
            &options.label,
            options.seconds,
            &by,
            options.reason.as_deref(),
        )
        .map_err(of_change)?;
    let heeded = heeded(global)?;
    let silence = match id {
        Some(id) => format!("silence {id}, which `usm alerts unsilence {id}` ends"),
        None => "`usm alerts silences` tells its number with the monitor's next sample".into(),
    };
    let text = format!(
        "Nobody is told of alerts of {} for {}, until {}: {silence}.{heeded}",
        covered(&options.rule, &options.label),
        in_words(options.seconds),
        time_of(now() + options.seconds)
    );
    say(&text, out)
}

/// `Disk* with mount=/var`.
fn covered(rule: &str, labels: &[(String, String)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    match labels.is_empty() {
        true => rule.to_string(),
        false => format!("{rule} with {}", labels.join(", ")),
    }
}

pub(super) fn list(form: FormOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let found = Found::open(global)?;
    let silences = in_force(&found)?;
    if form.json {
        let value = json!({
            "silences": silences,
            "newest_state": found.newest(),
            "is_watched": found.is_watched(),
            "notes": found.notes(),
        });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    draw(&silences, &mut page);
    found.draw_notes(&mut page);
    out.draw(&page)
}

/// Those that have not ended.
fn in_force(found: &Found) -> Outcome<Vec<Silence>> {
    let mut silences = Monitor::silences_in(found.path())?;
    silences.retain(|silence| silence.until > found.now());
    Ok(silences)
}

fn draw(silences: &[Silence], page: &mut Page) {
    if silences.is_empty() {
        page.push(Line::of(Tone::Plain, "No silence is in force."));
        return;
    }
    let mut table = Table::new(&[
        Column::number("NUMBER"),
        Column::text("ALERTS OF"),
        Column::text("UNTIL"),
        Column::text("BY").dispensable(1),
        Column::text("WHY").flexible(),
    ])
    .indented(0);
    for silence in silences {
        table.row(vec![
            Line::of(Tone::Plain, silence.id.to_string()),
            Line::of(Tone::Strong, covered(&silence.rule, &silence.labels)),
            Line::of(Tone::Plain, time_of(silence.until)),
            Line::of(Tone::Plain, &silence.by),
            Line::of(Tone::Quiet, silence.reason.as_deref().unwrap_or_default()),
        ]);
    }
    table.draw(page);
}

pub(super) fn end(id: u64, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let known = in_force(&Found::open(global)?)?;
    let is_known = known.iter().any(|silence| silence.id == id);
    let is_ended = is_known && {
        let monitor = Monitor::new(global.settings()?)?;
        monitor.end_silence(id).map_err(of_change)?
    };
    match is_ended {
        true => say(&format!("Silence {id} is ended."), out),
        false => Err(Failure::usage(
            &format!("there is no silence {id}"),
            Some("`usm alerts silences` lists them"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn a_silence_tells_what_it_covers_until_when_and_why() {
        let silence = Silence {
            id: 3,
            rule: "Disk*".into(),
            labels: vec![("mount".into(), "/var".into())],
            from: 1_795_442_400.0,
            until: 1_795_446_000.0,
            by: "ann".into(),
            reason: Some("being cleaned".into()),
        };
        let mut page = Page::new(Style {
            width: 100,
            unicode: true,
            colour: false,
        });
        draw(&[silence], &mut page);
        let text = page.render();
        for part in [
            "     3  Disk* with mount=/var  2026-11-",
            "  ann  being cleaned\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn a_label_needs_a_name_and_may_have_any_value() {
        assert_eq!(label("mount=/a=b"), Ok(("mount".into(), "/a=b".into())));
        assert!(label("mount").is_err() && label("=x").is_err());
    }
}
