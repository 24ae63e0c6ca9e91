//! Rounds in which the peers take turns, and what comes out: medians, and ratios of figures
//! of one round. Only those mean something on a machine that others use too.

use super::peer::Peer;

/// CPU time that a peer is to spend in one round.
const ROUND_MS: f64 = 150.0;

/// One line of the table.
pub struct Line {
    /// The peer.
    pub name: String,
    /// Median CPU time per tick.
    pub cpu_ms: f64,
    /// Least and most of the rounds.
    pub range_ms: (f64, f64),
    /// Median over the rounds of this peer's time divided by the first peer's.
    pub ratio: f64,
    /// What it found.
    pub count: usize,
    times: Vec<f64>,
}

/// Runs all peers in turn, `rounds` times; ratios are relative to the peer `base`.
///
/// # Errors
/// When a peer fails.
pub fn run(peers: &mut [Peer], rounds: usize, base: usize) -> std::io::Result<Vec<Line>> {
    let mut ticks = Vec::new();
    for peer in peers.iter_mut() {
        // Opens what is kept, then finds how many ticks fill a round.
        peer.run(2)?;
        let once = peer.run(2)?.cpu_ms;
        ticks.push((ROUND_MS / once.max(0.01)).clamp(2.0, 2000.0) as u32);
    }
    let mut lines: Vec<Line> = peers
        .iter()
        .map(|peer| Line {
            name: peer.name.clone(),
            cpu_ms: 0.0,
            range_ms: (0.0, 0.0),
            ratio: 0.0,
            count: 0,
            times: Vec::new(),
        })
        .collect();
    for round in 0..rounds {
        for step in 0..peers.len() {
            // Another one begins in each round.
            let at = (round + step) % peers.len();
            let took = peers[at].run(ticks[at])?;
            lines[at].times.push(took.cpu_ms);
            lines[at].count = took.count;
        }
    }
    let of_base = lines[base].times.clone();
    for line in &mut lines {
        let ratios = line
            .times
            .iter()
            .zip(&of_base)
            .map(|(own, base)| own / base);
        line.ratio = median(ratios.collect());
        line.cpu_ms = median(line.times.clone());
        let least = line.times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = line.times.iter().copied().fold(0.0, f64::max);
        line.range_ms = (least, most);
    }
    Ok(lines)
}

/// Prints the lines as a table.
pub fn print(title: &str, lines: &[Line]) {
    println!("\n{title}");
    println!(
        "{:<44} {:>10} {:>19} {:>8} {:>7}",
        "CPU per tick", "median ms", "least..most ms", "ratio", "found"
    );
    for line in lines {
        println!(
            "{:<44} {:>10.3} {:>9.3}..{:<8.3} {:>8.2} {:>7}",
            line.name, line.cpu_ms, line.range_ms.0, line.range_ms.1, line.ratio, line.count
        );
    }
}

/// The lines for a machine to read.
pub fn to_json(title: &str, lines: &[Line]) -> serde_json::Value {
    let lines: Vec<_> = lines
        .iter()
        .map(|line| {
            serde_json::json!({
                "name": line.name, "cpu_ms": line.cpu_ms, "least_ms": line.range_ms.0,
                "most_ms": line.range_ms.1, "ratio": line.ratio, "found": line.count,
                "rounds_ms": line.times,
            })
        })
        .collect();
    serde_json::json!({ "title": title, "peers": lines })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
