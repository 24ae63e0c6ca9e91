//! Limits that a process must not escape when it leaves its version 2 group for a sibling of
//! it: they are set on the new group too.

use std::path::Path;

use super::group_limits::Text;

/// Files that limit a group, and what they hold where nothing is limited.
const LIMITS: [(&str, &str); 12] = [
    ("cpu.weight", "100"),
    ("cpu.idle", "0"),
    ("cpu.max", "max 100000"),
    ("cpuset.cpus", ""),
    ("cpuset.mems", ""),
    ("io.weight", "default 100"),
    ("io.max", ""),
    ("memory.high", "max"),
    ("memory.max", "max"),
    ("memory.swap.high", "max"),
    ("memory.swap.max", "max"),
    ("pids.max", "max"),
];

/// The limits that the group `own` sets itself.
pub(super) fn carried(own: &Path) -> Vec<Text> {
    let mut found = Vec::new();
    for (file, unlimited) in LIMITS {
        let Ok(content) = std::fs::read_to_string(own.join(file)) else {
            continue;
        };
        let lines = content.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && *line != unlimited) {
            found.push(Text::new(file, line, lifted(file, line, unlimited)));
        }
    }
    found
}

fn lifted(file: &str, line: &str, unlimited: &str) -> String {
    let device = line.split(' ').next().unwrap_or_default();
    match file {
        "io.max" => format!("{device} rbps=max wbps=max riops=max wiops=max"),
        "io.weight" => format!("{device} 100"),
        _ => unlimited.to_owned(),
    }
}

/// Both together: of two values for the same thing the tighter one. A weight is what was
/// asked for.
pub(super) fn merged(carried: Vec<Text>, ours: Vec<Text>) -> Vec<Text> {
    let mut all = ours;
    for theirs in carried {
        let same = |text: &&mut Text| {
            text.file == theirs.file
                && (text.file != "io.max" || device(&text.text) == device(&theirs.text))
        };
        match all.iter_mut().find(same) {
            Some(text) => tighten(text, &theirs.text),
            None => all.push(theirs),
        }
    }
    // A group that is idle takes no weight.
    if all.iter().any(|text| text.file == "cpu.idle") {
        all.retain(|text| text.file != "cpu.weight");
    }
    all
}

fn device(text: &str) -> Option<&str> {
    text.split(' ').next()
}

fn tighten(ours: &mut Text, theirs: &str) {
    match ours.file.as_str() {
        "memory.high" | "pids.max" => {
            if let (Ok(a), Ok(b)) = (ours.text.parse::<u64>(), theirs.parse::<u64>()) {
                ours.text = a.min(b).to_string();
            }
        }
        "cpu.max" => {
            if let (Some(a), Some(b)) = (cores(&ours.text), cores(theirs))
                && b < a
            {
                ours.text = theirs.to_owned();
            }
        }
        "io.max" => ours.text = tighter_io(&ours.text, theirs),
        _ => {}
    }
}

/// Cores that a `cpu.max` allows.
fn cores(text: &str) -> Option<f64> {
    let (quota, period) = text.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then_some(quota / period)
}

fn tighter_io(ours: &str, theirs: &str) -> String {
    let value = |line: &str, key: &str| -> Option<u64> {
        let mut pairs = line.split(' ').filter_map(|word| word.split_once('='));
        pairs.find(|pair| pair.0 == key)?.1.parse().ok()
    };
    let mut text = device(ours).unwrap_or_default().to_owned();
    for key in ["rbps", "wbps", "riops", "wiops"] {
        let both = [value(ours, key), value(theirs, key)];
        if let Some(least) = both.into_iter().flatten().min() {
            text.push_str(&format!(" {key}={least}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &str, text: &str) -> Text {
        Text::new(file, text, "")
    }

    #[test]
    fn what_limits_the_former_group_limits_the_new_one() {
        let top = tempfile::tempdir().unwrap();
        for (file, content) in [
            ("cpu.max", "20000 100000\n"),
            ("cpu.weight", "100\n"),
            ("memory.max", "1048576\n"),
            ("pids.max", "max\n"),
            ("cpuset.cpus", "\n"),
            (
                "io.max",
                "8:0 rbps=max wbps=9 riops=max wiops=7\n8:16 rbps=5 wbps=max riops=max wiops=max\n",
            ),
        ] {
            std::fs::write(top.path().join(file), content).unwrap();
        }
        let carried = carried(top.path());
        let files: Vec<&str> = carried.iter().map(|t| t.file.as_str()).collect();
        assert_eq!(files, ["cpu.max", "io.max", "io.max", "memory.max"]);
        let ours = vec![
            text("cpu.max", "50000 100000"),
            text("cpu.weight", "1"),
            text("io.max", "8:0 rbps=4 wbps=40"),
            text("pids.max", "5"),
        ];
        let all = merged(carried, ours);
        let pairs: Vec<(&str, &str)> = all
            .iter()
            .map(|t| (t.file.as_str(), t.text.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("cpu.max", "20000 100000"),
                ("cpu.weight", "1"),
                ("io.max", "8:0 rbps=4 wbps=9 wiops=7"),
                ("pids.max", "5"),
                ("io.max", "8:16 rbps=5 wbps=max riops=max wiops=max"),
                ("memory.max", "1048576"),
            ]
        );
        assert_eq!(all[4].lifted, "8:16 rbps=max wbps=max riops=max wiops=max");
    }

    #[test]
    fn the_tighter_of_two_numbers_holds() {
        for (ours, theirs, both) in [("9", "5", "5"), ("5", "9", "5")] {
            let all = merged(vec![text("pids.max", theirs)], vec![text("pids.max", ours)]);
            assert_eq!(all, [text("pids.max", both)]);
        }
        let all = merged(vec![text("cpu.idle", "1")], vec![text("cpu.weight", "5")]);
        assert_eq!(all, [text("cpu.idle", "1")]);
    }
}
