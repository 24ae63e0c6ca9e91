//! Processes whose resident memory grows steadily: a robust slope over the least of each
//! minute (and of each quarter of an hour), which neither a start, nor a cache that fills
//! up, nor a heap that is collected now and then takes for a leak.

use serde::{Deserialize, Serialize};

use super::InsightKind;
use super::means::Mean;
use super::view::{Draft, View, key};
use crate::judge::process_use::{Known, ProcessUse, Use};
use crate::judge::words::{amount, span};
use crate::judge::{Evidence, Observation, Severity};
use crate::series::Unit;

/// Most processes that are followed.
const MOST: usize = 32;
/// Points of a window. When it is full, two become one, until they are as far apart as they
/// may be; then the oldest go.
const POINTS: usize = 32;
/// Seconds between the points of the short and the long window: at first and at most.
const SPACING_SECONDS: [(f64, f64); 2] = [(60.0, 240.0), (900.0, 3600.0)];
/// A start takes so long: what a process takes then says nothing.
const START_SECONDS: f64 = 300.0;
/// Less than this is never looked at: points, seconds.
const LEAST_POINTS: usize = 16;
const LEAST_SECONDS: f64 = 1200.0;
/// Growth over the window that matters, and as a part of what it began with.
const LEAST_GROWTH_BYTES: f64 = 24.0 * MIB;
const LEAST_GROWTH: f64 = 0.08;
const MIB: f64 = 1_048_576.0;
/// One that has not been among those that use most for so long is forgotten.
const FORGET_SECONDS: f64 = 1800.0;

/// A steady growth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Growth {
    bytes_per_second: f64,
    /// Over so long, seconds.
    seconds: f64,
    /// −1 to 1: how much more pairs of points rise than fall (Kendall).
    steadiness: f64,
}

/// Points of one window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Window {
    /// Seconds and bytes.
    points: Vec<(f64, f64)>,
    spacing: f64,
    /// The point that is being made: when it was begun, and the least so far.
    making: Option<(f64, f64)>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Track {
    pid: i32,
    start_time_ticks: u64,
    name: String,
    user: Option<String>,
    rss_bytes: f64,
    last_seen: f64,
    windows: [Window; 2],
    growth: Option<Growth>,
}

/// The processes that hold most memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct LeakWatch {
    tracks: Vec<Track>,
}

impl LeakWatch {
    /// Takes what the processes hold now.
    pub(super) fn see(&mut self, processes: &ProcessUse, seen: &Observation<'_>) {
        let now = seen.monotonic_seconds;
        // The clock begins anew with the machine, and no process outlives that.
        self.tracks
            .retain(|t| (0.0..=FORGET_SECONDS).contains(&(now - t.last_seen)));
        for known in processes.present() {
            let rss_bytes = known.now(Use::Memory);
            let is_starting = seen.unix_seconds - known.started_at < START_SECONDS;
            if is_starting || !rss_bytes.is_finite() || rss_bytes < LEAST_GROWTH_BYTES {
                continue;
            }
            if let Some(track) = self.track(known) {
                track.name.clone_from(&known.name);
                track.add(now, rss_bytes);
            }
        }
    }

    fn track(&mut self, known: &Known) -> Option<&mut Track> {
        let is = |t: &Track| t.pid == known.pid && t.start_time_ticks == known.start_time_ticks;
        let place = match self.tracks.iter().position(is) {
            Some(place) => place,
            None if self.tracks.len() < MOST => {
                self.tracks.push(Track {
                    pid: known.pid,
                    start_time_ticks: known.start_time_ticks,
                    name: known.name.clone(),
                    user: known.user.clone(),
                    rss_bytes: 0.0,
                    last_seen: 0.0,
                    windows: SPACING_SECONDS.map(|(spacing, _)| Window {
                        spacing,
                        ..Window::default()
                    }),
                    growth: None,
                });
                self.tracks.len() - 1
            }
            None => return None,
        };
        self.tracks.get_mut(place)
    }

    /// A finding for each process that grows.
    pub(super) fn judge(&self, view: &View<'_>, out: &mut Vec<Draft>) {
        for track in &self.tracks {
            out.extend(track.growth.and_then(|growth| track.draft(growth, view)));
        }
    }
}

impl Track {
    fn add(&mut self, now: f64, rss_bytes: f64) {
        self.rss_bytes = rss_bytes;
        self.last_seen = now;
        let mut is_new = false;
        for (window, (_, most)) in self.windows.iter_mut().zip(SPACING_SECONDS) {
            is_new |= window.add(now, rss_bytes, most);
        }
        if is_new {
            // What was found steady may be a little less so before it is dropped.
            let ease = if self.growth.is_some() { 0.75 } else { 1.0 };
            self.growth = self.windows.iter().find_map(|window| window.growth(ease));
        }
    }

    fn draft(&self, growth: Growth, view: &View<'_>) -> Option<Draft> {
        let per_hour = growth.bytes_per_second * 3600.0;
        let left = view.get(Mean::MemoryAvailable);
        let seconds = left.map(|left| left / growth.bytes_per_second);
        let severity = match seconds {
            Some(seconds) if seconds < 3600.0 => Severity::High,
            Some(seconds) if seconds < 24.0 * 3600.0 => Severity::Medium,
            _ => Severity::Low,
        };
        let until = match (left, seconds) {
            (Some(left), Some(seconds)) => format!(
                "; at this rate the {} that are left are used up in about {}",
                amount(left, Unit::Bytes),
                span(seconds)
            ),
            _ => String::new(),
        };
        let (name, pid) = (&self.name, self.pid.to_string());
        let labels = [
            ("pid", pid.as_str()),
            ("name", name.as_str()),
            ("user", self.user.as_deref().unwrap_or_default()),
        ];
        let mut evidence = vec![Evidence {
            series: key("process_rss_bytes", &labels),
            value: self.rss_bytes,
            unit: Unit::Bytes,
            against: Some(self.rss_bytes - growth.bytes_per_second * growth.seconds),
        }];
        evidence.extend(view.evidence(Mean::MemoryAvailable, None));
        let hours = growth.seconds / 3600.0;
        Some(Draft {
            id: format!("leak_suspected:{}:{}", self.pid, self.start_time_ticks).into(),
            kind: InsightKind::LeakSuspected,
            severity,
            confidence: (0.4 + 0.3 * growth.steadiness + 0.1 * hours.min(2.0)).clamp(0.0, 0.95),
            text: format!(
                "{name} (pid {pid}) holds {} and has grown steadily by {:.0} MiB/h for {}{until}.",
                amount(self.rss_bytes, Unit::Bytes),
                per_hour / MIB,
                span(growth.seconds)
            ),
            evidence,
            advice: vec![
                format!("Restart {name} before memory is used up, and look for a newer version."),
                format!(
                    "Limit what it may hold (MemoryMax= of its unit), so that it alone is hit;                      look what it keeps (heaptrack, or the profiler of its language)."
                ),
            ],
            hold_seconds: 0.0,
        })
    }
}

impl Window {
    /// `true` when a point was finished.
    fn add(&mut self, now: f64, bytes: f64, most_spacing: f64) -> bool {
        let Some((begun, least)) = self.making else {
            self.making = Some((now, bytes));
            return false;
        };
        if now - begun < self.spacing {
            self.making = Some((begun, least.min(bytes)));
            return false;
        }
        self.making = Some((now, bytes));
        if self.points.len() >= POINTS {
            self.make_room(most_spacing);
        }
        self.points.push((begun, least));
        true
    }

    fn make_room(&mut self, most_spacing: f64) {
        if self.spacing * 2.0 > most_spacing {
            self.points.remove(0);
            return;
        }
        self.spacing *= 2.0;
        let pairs = self.points.chunks(2).map(|pair| {
            let least = pair
                .iter()
                .map(|point| point.1)
                .fold(f64::INFINITY, f64::min);
            (pair[0].0, least)
        });
        self.points = pairs.collect();
    }

    /// The growth, if it is steady, goes on and is worth telling; with `ease` below 1 a
    /// little less is enough.
    fn growth(&self, ease: f64) -> Option<Growth> {
        let points = &self.points[..];
        let (first, last) = (points.first()?, points.last()?);
        let seconds = last.0 - first.0;
        if points.len() < LEAST_POINTS || seconds < LEAST_SECONDS {
            return None;
        }
        let (slope, steadiness) = trend(points)?;
        let growth = slope * seconds;
        let is_worth = growth >= ease * LEAST_GROWTH_BYTES.max(LEAST_GROWTH * first.1);
        if !is_worth || steadiness < 0.8 * ease {
            return None;
        }
        // A cache that is nearly full and a start that is nearly over grow less and less.
        let (early, _) = trend(&points[..points.len() / 2])?;
        let goes_on = [points.len() / 2, points.len() * 3 / 4]
            .into_iter()
            .all(|from| {
                let late = trend(&points[from..]).map(|(late, _)| late);
                late.is_some_and(|late| late >= 0.6 * ease * early.max(slope))
            });
        // One big allocation is no leak.
        let steps = points.windows(2).map(|pair| pair[1].1 - pair[0].1);
        let largest = steps.fold(0.0, f64::max);
        (goes_on && largest <= 0.4 / ease * growth).then_some(Growth {
            bytes_per_second: slope,
            seconds,
            steadiness,
        })
    }
}

/// The median of the slopes of all pairs of points (Theil and Sen), and how much more of
/// them rise than fall.
fn trend(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (place, a) in points.iter().enumerate() {
        for b in &points[place + 1..] {
            let slope = (b.1 - a.1) / (b.0 - a.0);
            if slope.is_finite() {
                slopes.push(slope);
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    let rising = slopes.iter().filter(|slope| **slope > 0.0).count() as f64;
    let falling = slopes.iter().filter(|slope| **slope < 0.0).count() as f64;
    let steadiness = (rising - falling) / slopes.len() as f64;
    let middle = slopes.len() / 2;
    let (_, median, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    Some((*median, steadiness))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The growth found after so many minutes of resident memory in MiB by the minute.
    fn after(minutes: u32, rss_mib: impl Fn(f64) -> f64) -> Option<Growth> {
        let mut track = Track {
            pid: 1,
            start_time_ticks: 1,
            name: "leaky".into(),
            user: None,
            rss_bytes: 0.0,
            last_seen: 0.0,
            windows: SPACING_SECONDS.map(|(spacing, _)| Window {
                spacing,
                ..Window::default()
            }),
            growth: None,
        };
        for second in (0..minutes * 60).step_by(5) {
            let minute = f64::from(second) / 60.0;
            track.add(f64::from(second), rss_mib(minute) * MIB);
        }
        assert!(
            track
                .windows
                .iter()
                .all(|window| window.points.len() <= POINTS)
        );
        track.growth
    }

    #[test]
    fn a_steady_leak_is_found_with_its_rate() {
        for minutes in [25, 40, 90, 600, 3000] {
            let growth = after(minutes, |minute| 200.0 + 2.0 * minute).unwrap();
            let per_hour = growth.bytes_per_second * 3600.0 / MIB;
            assert!((per_hour - 120.0).abs() < 2.0, "{minutes}: {per_hour}");
            assert!(growth.steadiness > 0.99);
        }
    }

    #[test]
    fn a_leak_under_a_heap_that_is_collected_is_found() {
        // The heap grows by 50 MiB and is collected every 40 seconds.
        let saw = |minute: f64| 50.0 * (minute * 1.5).fract();
        let growth = after(60, |minute| 300.0 + saw(minute) + 3.0 * minute).unwrap();
        let per_hour = growth.bytes_per_second * 3600.0 / MIB;
        assert!((per_hour - 180.0).abs() < 20.0, "{per_hour}");
    }

    #[test]
    fn a_slow_leak_is_found_by_the_long_window() {
        // 6 MiB an hour: 12 in the two hours that the short one sees.
        assert!(after(120, |minute| 100.0 + 0.1 * minute).is_none());
        let growth = after(8 * 60, |minute| 100.0 + 0.1 * minute).unwrap();
        assert!((growth.bytes_per_second * 3600.0 / MIB - 6.0).abs() < 0.2);
    }

    #[test]
    fn no_leak_is_seen_where_there_is_none() {
        let saturating = |minute: f64| 500.0 * (1.0 - (-minute / 12.0).exp());
        let one_step = |minute: f64| if minute < 30.0 { 200.0 } else { 400.0 };
        let stairs = |minute: f64| 200.0 + 100.0 * (minute / 20.0).floor().min(1.0);
        let saw = |minute: f64| 200.0 + 300.0 * (minute / 12.0).fract();
        let noise = |minute: f64| 200.0 + 40.0 * (minute * 7.7).sin();
        let shrinking = |minute: f64| 900.0 - minute;
        let filled = |minute: f64| 200.0 + 6.0 * minute.min(14.0);
        type Shape<'a> = (&'a str, &'a dyn Fn(f64) -> f64);
        let shapes: [Shape<'_>; 8] = [
            ("flat", &|_| 300.0),
            ("saturating", &saturating),
            ("one step", &one_step),
            ("two stairs", &stairs),
            ("saw", &saw),
            ("noise", &noise),
            ("shrinking", &shrinking),
            ("a cache that filled up", &filled),
        ];
        for (name, shape) in shapes {
            for minutes in [20, 30, 60, 90, 200, 500] {
                assert_eq!(after(minutes, shape), None, "{name} after {minutes} min");
            }
        }
    }

    #[test]
    fn a_growth_that_ends_is_dropped() {
        let shape = |minute: f64| 200.0 + 2.0 * minute.min(60.0);
        assert!(after(59, shape).is_some());
        assert!(after(100, shape).is_none());
    }

    #[test]
    fn what_can_not_be_has_no_trend() {
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[(1.0, 2.0)]), None);
        assert_eq!(trend(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(trend(&[(1.0, f64::NAN), (2.0, 3.0)]), None);
    }
}
