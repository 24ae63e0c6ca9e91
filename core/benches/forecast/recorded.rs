//! Reads the recorded series.

use std::io::{Error, Result};
use std::path::Path;

/// (Unix seconds, value) in the order of the file.
#[derive(Clone)]
pub struct Series {
    pub name: String,
    pub rows: Vec<(f64, f64)>,
}

impl Series {
    pub fn is_fit(&self) -> bool {
        self.why_not().is_empty()
    }

    /// Which rule it breaks, in words; empty for none.
    pub fn why_not(&self) -> &'static str {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else {
            return "empty";
        };
        let mut steps: Vec<f64> = self.rows.windows(2).map(|w| w[1].0 - w[0].0).collect();
        steps.sort_by(f64::total_cmp);
        let span = last.0 - first.0;
        if steps.get(steps.len() / 2) != Some(&300.0) {
            "other spacing"
        } else if span < 9.0 * 86_400.0 {
            "too short"
        } else if (self.rows.len() as f64) < 0.9 * span / 300.0 {
            "gaps"
        } else if self.rows.iter().all(|row| row.1 == first.1) {
            "flat"
        } else {
            ""
        }
    }
}

pub fn read(folder: &Path) -> Result<Vec<Series>> {
    let mut all = Vec::new();
    for category in std::fs::read_dir(folder)? {
        let category = category?.path();
        if !category.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(category)? {
            let path = file?.path();
            if path.extension().is_some_and(|e| e == "csv") {
                let name = path.strip_prefix(folder).unwrap_or(&path);
                all.push(Series {
                    name: name.to_string_lossy().into_owned(),
                    rows: read_rows(&path)?,
                });
            }
        }
    }
    if all.is_empty() {
        return Err(Error::other("no CSV file"));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn read_rows(path: &Path) -> Result<Vec<(f64, f64)>> {
    let wrong = |line: &str| Error::other(format!("{}: {line}: not TIME,VALUE", path.display()));
    let text = std::fs::read_to_string(path)?;
    text.lines()
        .skip(1)
        .map(|line| {
            let (time, value) = line.split_once(',').ok_or_else(|| wrong(line))?;
            let time = unix_seconds(time).ok_or_else(|| wrong(line))?;
            Ok((time, value.parse().map_err(|_| wrong(line))?))
        })
        .collect()
}

/// `2014-07-01 00:30:00` without a time zone.
fn unix_seconds(text: &str) -> Option<f64> {
    let numbers: Vec<i64> = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()
        .ok()?;
    let &[year, month, day, hour, minute, second] = numbers.first_chunk::<6>()?;
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(((days - 719_468) * 86_400 + hour * 3600 + minute * 60 + second) as f64)
}
