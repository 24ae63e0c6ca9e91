//! Temperatures, fans, mains and batteries: only what the machine has.

use usm_core::Sample;
use usm_core::sample::{BatterySample, SensorKind, SensorSample};

use super::{GUTTER, label};
use crate::draw::number::{decimal, duration, whole_percent};
use crate::draw::{Flow, Line, Page, Tone};

/// A server has dozens of sensors: the hottest are enough here.
const MOST: usize = 8;

pub(crate) fn draw(sample: &Sample, page: &mut Page) {
    of_kind(
        "Temperature",
        SensorKind::Temperature,
        &sample.sensors,
        page,
    );
    of_kind("Fans", SensorKind::Fan, &sample.sensors, page);
    if sample.power.batteries.is_empty() {
        return;
    }
    let mut flow = Flow::new(page, label("Power"), GUTTER);
    match sample.power.plugged {
        Some(true) => flow.add(Line::of(Tone::Plain, "mains")),
        Some(false) => flow.add(Line::of(Tone::Plain, "no mains")),
        None => {}
    }
    for battery in &sample.power.batteries {
        flow.add(charge(battery));
    }
    flow.end(page);
}

fn of_kind(name: &str, kind: SensorKind, sensors: &[SensorSample], page: &mut Page) {
    let mut sensors: Vec<&SensorSample> = sensors.iter().filter(|s| s.kind == kind).collect();
    if sensors.is_empty() {
        return;
    }
    sensors.sort_by(|a, b| b.value.total_cmp(&a.value));
    let mut flow = Flow::new(page, label(name), GUTTER);
    for sensor in sensors.iter().take(MOST) {
        let label = format!("{} {} ", sensor.chip, sensor.label);
        let stale = if sensor.stale { " (old)" } else { "" };
        let value = match kind {
            SensorKind::Temperature => format!("{:.0} °C", sensor.value),
            SensorKind::Fan => format!("{:.0} rpm", sensor.value),
        };
        flow.add(
            Line::of(Tone::Quiet, label)
                .and(heat(sensor), value)
                .and(Tone::Quiet, stale),
        );
    }
    if let Some(more) = sensors.len().checked_sub(MOST).filter(|more| *more > 0) {
        flow.add(Line::of(Tone::Quiet, format!("and {more} more")));
    }
    flow.end(page);
}

/// The maker's limits decide; where there are none, nothing is judged.
fn heat(sensor: &SensorSample) -> Tone {
    match (sensor.high, sensor.critical) {
        (_, Some(critical)) if sensor.value >= critical => Tone::Bad,
        (Some(high), _) if sensor.value >= high => Tone::Warning,
        (None, Some(critical)) if sensor.value >= critical - 10.0 => Tone::Warning,
        _ => Tone::Plain,
    }
}

fn charge(battery: &BatterySample) -> Line {
    let tone = match battery.charge_percent {
        Some(percent) if percent < 10.0 => Tone::Bad,
        Some(percent) if percent < 25.0 => Tone::Warning,
        _ => Tone::Plain,
    };
    let mut line = Line::of(Tone::Quiet, format!("{} ", battery.name))
        .and(tone, whole_percent(battery.charge_percent));
    if let Some(status) = &battery.status {
        line.push(Tone::Plain, format!(" {}", status.to_lowercase()));
    }
    if let Some(seconds) = battery.seconds_to_empty {
        line.push(Tone::Plain, format!(", {} left", duration(seconds)));
    }
    if battery.power_watts.is_some() {
        line.push(
            Tone::Quiet,
            format!(", {} W", decimal(battery.power_watts, 1)),
        );
    }
    line
}
