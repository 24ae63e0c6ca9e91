//! Whether a series went up or down: the slope that half of all pairs of points exceed
//! (Theil and Sen), and how likely so much order is by chance (Mann and Kendall), with
//! neighbours that resemble each other counted for less than they are.

use serde::Serialize;

/// Fewest points that tell a trend.
const LEAST_POINTS: usize = 10;

/// Most points that are looked at; the work grows with the square.
pub(crate) const MOST_POINTS: usize = 300;

/// Chance below which a trend is taken for one.
const SURE: f64 = 0.05;

/// Where a series went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up.
    Increasing,
    /// Down.
    Decreasing,
    /// Neither, or less than matters, or no more than chance would have it.
    Stable,
}

impl Direction {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Increasing => "increasing",
            Direction::Decreasing => "decreasing",
            Direction::Stable => "stable",
        }
    }
}

/// The trend of a series over a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trend {
    /// Where it went.
    pub direction: Direction,
    /// Change per hour.
    pub slope_per_hour: f64,
    /// Change over the whole range by that slope.
    pub change: f64,
    /// How likely so much order is by chance.
    pub p_value: f64,
    /// Points that were looked at.
    pub points: usize,
}

impl Trend {
    /// Of points (Unix seconds, value) in the order of time, the unknown left out; `None` of
    /// fewer than ten. A change over the range of less than `matters` is stable.
    pub fn of(points: &[(f64, f64)], matters: f64) -> Option<Trend> {
        let known: Vec<(f64, f64)> = points
            .iter()
            .copied()
            .filter(|(time, value)| time.is_finite() && value.is_finite())
            .collect();
        let points = thinned(&known);
        let (first, last) = (points.first()?.0, points.last()?.0);
        if points.len() < LEAST_POINTS || first >= last {
            return None;
        }
        let slope = slope(&points)?;
        let change = slope * (last - first);
        let p_value = chance(&points, slope);
        let direction = match p_value < SURE && change.abs() >= matters {
            true if change > 0.0 => Direction::Increasing,
            true if change < 0.0 => Direction::Decreasing,
            _ => Direction::Stable,
        };
        Some(Trend {
            direction,
            slope_per_hour: slope * 3600.0,
            change,
            p_value,
            points: points.len(),
        })
    }
}

/// Of many points the means of as many as there may be, each of equally many points.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let each = points.len().div_ceil(MOST_POINTS).max(1);
    let mean = |group: &[(f64, f64)]| {
        let count = group.len() as f64;
        let sum = group.iter().fold((0.0, 0.0), |sum, (time, value)| {
            (sum.0 + time / count, sum.1 + value / count)
        });
        (sum.0, sum.1)
    };
    points.chunks(each).map(mean).collect()
}

/// Median of the slopes of all pairs.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (place, (early, low)) in points.iter().enumerate() {
        let later = points[place + 1..].iter().filter(|(late, _)| late > early);
        slopes.extend(later.map(|(late, high)| (high - low) / (late - early)));
    }
    slopes.retain(|slope| slope.is_finite());
    slopes.sort_unstable_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    match slopes.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(slopes[middle]),
        _ => Some((slopes[middle - 1] + slopes[middle]) / 2.0),
    }
}

/// Two-sided chance of at least so much order among values without any.
fn chance(points: &[(f64, f64)], slope: f64) -> f64 {
    let count = points.len() as f64;
    let mut order: f64 = 0.0;
    for (place, (_, early)) in points.iter().enumerate() {
        for (_, late) in &points[place + 1..] {
            order += match late.total_cmp(early) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Less => -1.0,
                std::cmp::Ordering::Equal => 0.0,
            };
        }
    }
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
    let mut sorted: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted
        .chunk_by(|a, b| a == b)
        .map(|tie| spread(tie.len() as f64))
        .sum();
    let alike = likeness(points, slope);
    let variance = (spread(count) - ties) * (1.0 + alike) / (1.0 - alike);
    if variance <= 0.0 || order == 0.0 {
        return 1.0;
    }
    let deviations = (order.abs() - 1.0) / variance.sqrt();
    tail(deviations / std::f64::consts::SQRT_2)
}

/// How much a point resembles the one before it, the trend taken away: 0 to 0.95.
fn likeness(points: &[(f64, f64)], slope: f64) -> f64 {
    let first = points.first().map_or(0.0, |point| point.0);
    let rest: Vec<f64> = points
        .iter()
        .map(|(time, value)| value - slope * (time - first))
        .collect();
    let mean = rest.iter().sum::<f64>() / rest.len() as f64;
    let own: f64 = rest.iter().map(|value| (value - mean).powi(2)).sum();
    let together: f64 = rest
        .windows(2)
        .map(|pair| (pair[0] - mean) * (pair[1] - mean))
        .sum();
    match own > 0.0 {
        true => (together / own).clamp(0.0, 0.95),
        false => 0.0,
    }
}

/// The complementary error function of what is not negative, to seven digits (Abramowitz and
/// Stegun 7.1.26).
fn tail(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let sum = terms.into_iter().fold(0.0, |sum, term| (sum + term) * t);
    (sum * (-x * x).exp()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from -0.5 to 0.5 that look like chance.
    fn noise(seed: u64) -> impl Iterator<Item = f64> {
        let mut state = seed;
        std::iter::repeat_with(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        })
    }

    fn hourly(values: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
        (0..)
            .map(|hour| 1.7e9 + 3600.0 * f64::from(hour))
            .zip(values)
            .collect()
    }

    #[test]
    fn a_line_under_noise_is_found_and_one_outlier_does_not_bend_it() {
        let mut points = hourly(
            (0..100)
                .map(f64::from)
                .zip(noise(7))
                .map(|(h, n)| 0.5 * h + n),
        );
        points[99].1 = -1e6;
        let trend = Trend::of(&points, 1.0).unwrap();
        assert_eq!(trend.direction, Direction::Increasing);
        assert!((trend.slope_per_hour - 0.5).abs() < 0.02, "{trend:?}");
        assert!(trend.p_value < 1e-6);
    }

    #[test]
    fn chance_alone_is_seldom_taken_for_a_trend() {
        let trends =
            (0..200).filter_map(|seed| Trend::of(&hourly(noise(seed * 977 + 1).take(60)), 0.0));
        let taken = trends.filter(|t| t.direction != Direction::Stable).count();
        assert!((1..=20).contains(&taken), "{taken} of 200");
        // Nor a walk at random, of which each point resembles the one before it.
        let walks = (0..200).filter_map(|seed| {
            let mut at = 0.0;
            let steps = noise(seed * 31 + 5).take(200).map(move |step| {
                at = 0.9 * at + step;
                at
            });
            Trend::of(&hourly(steps), 0.0)
        });
        let taken = walks.filter(|t| t.direction != Direction::Stable).count();
        assert!(taken <= 24, "{taken} of 200");
    }

    #[test]
    fn what_is_too_little_or_does_not_move_is_no_trend() {
        assert_eq!(Trend::of(&hourly((0..9).map(f64::from)), 0.0), None);
        assert_eq!(Trend::of(&[], 0.0), None);
        assert_eq!(Trend::of(&[(1.0, 2.0); 50], 0.0), None);
        let flat = Trend::of(&hourly(std::iter::repeat_n(5.0, 40)), 0.0).unwrap();
        assert_eq!((flat.direction, flat.p_value), (Direction::Stable, 1.0));
        let small = Trend::of(&hourly((0..40).map(|h| f64::from(h) * 0.01)), 1.0).unwrap();
        assert_eq!(small.direction, Direction::Stable);
        let gaps = hourly((0..40).map(|h| if h % 3 == 0 { f64::NAN } else { -f64::from(h) }));
        let falling = Trend::of(&gaps, 1.0).unwrap();
        assert_eq!(
            (falling.direction, falling.points),
            (Direction::Decreasing, 26)
        );
    }

    #[test]
    fn many_points_and_huge_values_are_no_trouble() {
        let many = hourly((0..100_000).map(f64::from));
        assert_eq!(Trend::of(&many, 1.0).unwrap().points, 300);
        let huge = hourly((0..50).map(|n| if n % 2 == 0 { f64::MAX } else { -f64::MAX }));
        // Whatever it says, it says it.
        let _ = Trend::of(&huge, 1.0);
    }

    #[test]
    fn the_tail_is_that_of_the_table() {
        for (x, wanted) in [
            (0.0, 1.0),
            (0.5, 0.479_500_1),
            (1.0, 0.157_299_2),
            (2.0, 0.004_677_7),
        ] {
            assert!((tail(x) - wanted).abs() < 1e-6, "{x}: {}", tail(x));
        }
    }
}
