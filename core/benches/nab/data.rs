//! The benchmark's series and windows, read from a folder with `data/` and `labels/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What may go wrong here, in words, with the place.
pub type Outcome<T> = Result<T, String>;

/// One series in stream order (not always time order) and its labelled windows.
pub struct Series {
    /// `category/file.csv`.
    pub name: String,
    /// The stamps as the file has them, and as seconds since 1970.
    pub stamps: Vec<String>,
    pub seconds: Vec<f64>,
    pub values: Vec<f64>,
    /// First and last second of each window, in order.
    pub windows: Vec<(f64, f64)>,
}

impl Series {
    pub fn category(&self) -> &str {
        self.name.split('/').next().unwrap_or(&self.name)
    }
}

/// Reads every series that the labels name, by name.
pub fn load(folder: &Path) -> Outcome<Vec<Series>> {
    let labels = folder.join("labels/combined_windows.json");
    let text = fs::read_to_string(&labels).map_err(|e| format!("{}: {e}", labels.display()))?;
    let spans: BTreeMap<String, Vec<(String, String)>> =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", labels.display()))?;
    let mut all = Vec::with_capacity(spans.len());
    for (name, spans) in spans {
        let mut windows = Vec::with_capacity(spans.len());
        for (first, last) in &spans {
            windows.push((seconds(first)?, seconds(last)?));
        }
        windows.sort_by(|a, b| a.0.total_cmp(&b.0));
        all.push(series(folder, name, windows)?);
    }
    Ok(all)
}

fn series(folder: &Path, name: String, windows: Vec<(f64, f64)>) -> Outcome<Series> {
    let path = folder.join("data").join(&name);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut series = Series {
        name,
        stamps: Vec::new(),
        seconds: Vec::new(),
        values: Vec::new(),
        windows,
    };
    for (index, line) in text.lines().enumerate().skip(1) {
        let bad = |what: &str| format!("{}:{}: {what}: {line:?}", path.display(), index + 1);
        let (stamp, value) = line.split_once(',').ok_or_else(|| bad("no comma"))?;
        series.stamps.push(stamp.to_owned());
        series.seconds.push(seconds(stamp)?);
        let value = value.trim().parse().map_err(|_| bad("no number"))?;
        series.values.push(value);
    }
    Ok(series)
}

/// Seconds since 1970 of `2014-04-01 00:05:00` with or without a fraction, taken as UTC.
fn seconds(stamp: &str) -> Outcome<f64> {
    let bad = || format!("no time stamp: {stamp:?}");
    let mut parts = stamp
        .trim()
        .split(['-', ' ', 'T', ':'])
        .map(|p| p.parse::<f64>().map_err(|_| bad()));
    let mut next = || parts.next().unwrap_or_else(|| Err(bad()));
    let (year, month, day) = (next()? as i64, next()? as i64, next()? as i64);
    let (hour, minute, second) = (next()?, next()?, next()?);
    Ok(days_since_1970(year, month, day) as f64 * 86_400.0
        + hour * 3_600.0
        + minute * 60.0
        + second)
}

/// Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that the
/// leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}
