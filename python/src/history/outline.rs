//! A series with no more points than a chart has room for. The line breaks where nothing is
//! known.

/// The distance of two values beyond this might not be a number any more.
const LARGEST: f64 = 1e300;
/// A row is missing when two known values are further apart than so many steps.
const GAP_IN_STEPS: f64 = 1.5;
/// Without a step: than so many usual distances. A busy machine is sampled late at times.
const GAP_IN_DISTANCES: f64 = 4.0;

/// Time, least, mean and greatest.
pub(crate) type Point = (f64, f64, f64, f64);
/// Points that a line may connect.
pub(crate) type Piece = Vec<Point>;

/// The pieces of a series, of about `most` points in all: one for each of as many equal
/// stretches of the table's time, if it has more rows than that.
pub(crate) fn outline(times: &[f64], values: &[f64], step: Option<f64>, most: usize) -> Vec<Piece> {
    let known: Vec<(f64, f64)> = times
        .iter()
        .copied()
        .zip(values.iter().copied())
        .filter(|(_, value)| value.abs() <= LARGEST)
        .collect();
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let gap = match step {
        Some(step) => GAP_IN_STEPS * step,
        None => GAP_IN_DISTANCES * usual_distance(&known),
    };
    let width = (last - first) / most.max(1) as f64;
    let all = known.len() <= most || width <= 0.0;
    let place = |time: f64| ((time - first) / width) as usize;
    let mut pieces: Vec<Piece> = Vec::new();
    let mut before: Option<(f64, usize)> = None;
    let mut in_point = 0.0;
    for (row, (time, value)) in known.iter().copied().enumerate() {
        let here = if all { row } else { place(time) };
        match (before, pieces.last_mut()) {
            (Some((earlier, there)), Some(piece)) if time - earlier <= gap => {
                match piece.last_mut() {
                    Some((_, low, mean, high)) if here == there => {
                        in_point += 1.0;
                        *low = low.min(value);
                        *mean += (value - *mean) / in_point;
                        *high = high.max(value);
                    }
                    _ => {
                        in_point = 1.0;
                        piece.push((time, value, value, value));
                    }
                }
            }
            _ => {
                in_point = 1.0;
                pieces.push(vec![(time, value, value, value)]);
            }
        }
        before = Some((time, here));
    }
    pieces
}

/// The median of the distances in time.
fn usual_distance(known: &[(f64, f64)]) -> f64 {
    let mut distances: Vec<f64> = known.windows(2).map(|two| two[1].0 - two[0].0).collect();
    if distances.is_empty() {
        return 0.0;
    }
    let middle = distances.len() / 2;
    *distances.select_nth_unstable_by(middle, f64::total_cmp).1
}
