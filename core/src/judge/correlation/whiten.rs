//! A series without what it tells of itself: two series that both drift, or both have a
//! rhythm, look alike without anything to do with each other. What is left when each is
//! predicted from its own past moves together only if something moves both.

/// Past buckets that predict the next.
const ORDER: usize = 3;
/// Of what is left, the likeness to itself is known for so many buckets.
const MEMORY: usize = 12;
/// What stands out farther than this many mean deviations counts as this far.
const CLIP: f32 = 5.0;
/// A series that is less often known is not compared.
const LEAST_KNOWN: f64 = 0.8;

/// What is left of a series, with mean square 1 and 0 where it is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct White {
    pub(super) values: Vec<f32>,
    /// Buckets in which it is known.
    pub(super) known: usize,
    /// How alike it still is to itself, 1 and more buckets later.
    likeness: [f32; MEMORY],
}

impl White {
    /// `None` for a series that is constant or too seldom known.
    pub(super) fn of(series: &[f32]) -> Option<White> {
        let known = series.iter().filter(|value| value.is_finite()).count();
        if known == 0 || (known as f64) < LEAST_KNOWN * series.len() as f64 {
            return None;
        }
        let is_known = || series.iter().filter(|value| value.is_finite());
        let largest = is_known().fold(0.0f32, |largest, value| largest.max(value.abs()));
        if largest <= 0.0 {
            return None;
        }
        // Scaled, so that no square is too large for its type.
        let scaled = |value: f32| value / largest;
        let mean = is_known()
            .map(|value| f64::from(scaled(*value)))
            .sum::<f64>()
            / known as f64;
        let centred: Vec<f32> = series
            .iter()
            .map(|value| match value.is_finite() {
                true => scaled(*value) - mean as f32,
                false => f32::NAN,
            })
            .collect();
        let mut left = residuals(&centred)?;
        let known = clip(&mut left)?;
        let mut likeness = [0.0; MEMORY];
        for (place, likeness) in likeness.iter_mut().enumerate() {
            let lag = place + 1;
            *likeness =
                dot(&left[..left.len().saturating_sub(lag)], left.get(lag..)?) / known as f32;
        }
        Some(White {
            values: left,
            known,
            likeness,
        })
    }

    /// How many times fewer independent points two series have than buckets, since each is
    /// still a little like itself (Bartlett).
    pub(super) fn dependence(&self, other: &White) -> f64 {
        let products = self.likeness.iter().zip(&other.likeness);
        let sum: f32 = products.map(|(a, b)| a * b).sum();
        f64::from(1.0 + 2.0 * sum).max(1.0)
    }
}

/// What the past buckets do not predict; NaN where one of them is not known.
fn residuals(centred: &[f32]) -> Option<Vec<f32>> {
    let weights = weights(centred)?;
    let mut left = vec![f32::NAN; centred.len()];
    for (place, window) in centred.windows(ORDER + 1).enumerate() {
        let predicted: f64 = (0..ORDER)
            .map(|back| weights[back] * f64::from(window[ORDER - 1 - back]))
            .sum();
        left[place + ORDER] = (f64::from(window[ORDER]) - predicted) as f32;
    }
    Some(left)
}

/// Weights of the past buckets, the newest first (Levinson and Durbin).
fn weights(centred: &[f32]) -> Option<[f64; ORDER]> {
    let mut covariance = [0.0f64; ORDER + 1];
    for (lag, covariance) in covariance.iter_mut().enumerate() {
        let pairs = centred.iter().zip(centred.get(lag..)?);
        let products = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b));
        *covariance = products.filter(|product| product.is_finite()).sum();
    }
    let mut error = covariance[0];
    let tiny = 1e-9 * centred.len() as f64;
    if error.is_nan() || error <= tiny * tiny {
        return None;
    }
    let mut weights = [0.0; ORDER];
    for order in 0..ORDER {
        let explained: f64 = (0..order).map(|k| weights[k] * covariance[order - k]).sum();
        let reflection = ((covariance[order + 1] - explained) / error).clamp(-0.999, 0.999);
        let before = weights;
        for k in 0..order {
            weights[k] = before[k] - reflection * before[order - 1 - k];
        }
        weights[order] = reflection;
        error *= 1.0 - reflection * reflection;
    }
    Some(weights)
}

/// Mean 0, mean square 1, nothing far out, 0 where not known. How many are known.
fn clip(left: &mut [f32]) -> Option<usize> {
    let known = left.iter().filter(|value| value.is_finite()).count();
    if known == 0 {
        return None;
    }
    let mean_of = |left: &[f32], of: fn(f32) -> f32| {
        let values = left.iter().filter(|value| value.is_finite());
        values.map(|value| f64::from(of(*value))).sum::<f64>() / known as f64
    };
    let limit = CLIP * mean_of(left, f32::abs) as f32;
    if limit.is_nan() || limit <= 0.0 {
        return None;
    }
    for value in left.iter_mut().filter(|value| value.is_finite()) {
        *value = value.clamp(-limit, limit);
    }
    let mean = mean_of(left, |value| value) as f32;
    for value in left.iter_mut() {
        *value -= mean;
    }
    let scale = mean_of(left, |value| value * value).sqrt() as f32;
    if scale.is_nan() || scale <= 1e-9 {
        return None;
    }
    for value in left.iter_mut() {
        *value = if value.is_finite() {
            *value / scale
        } else {
            0.0
        };
    }
    Some(known)
}

/// Σ a·b, in lanes that the compiler can do side by side.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [0.0f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.len().min(b_lanes.len()) * LANES;
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let tail = a.iter().zip(b).skip(rest).map(|(a, b)| a * b);
    sums.iter().sum::<f32>() + tail.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_products_is_what_it_is() {
        for length in [0, 1, 7, 8, 9, 100] {
            let a: Vec<f32> = (0..length).map(|n| n as f32).collect();
            let wanted: f32 = a.iter().map(|x| x * x).sum();
            assert_eq!(dot(&a, &a), wanted);
        }
        assert_eq!(dot(&[1.0; 20], &[1.0; 11]), 11.0);
    }

    #[test]
    fn a_drift_leaves_nothing_of_itself() {
        let mut seed = 5u32;
        let mut level = 0.0f32;
        let walk: Vec<f32> = (0..720)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                level += seed as f32 / u32::MAX as f32 - 0.5;
                level
            })
            .collect();
        let white = White::of(&walk).unwrap();
        assert!(
            white.likeness.iter().all(|likeness| likeness.abs() < 0.15),
            "{white:?}"
        );
        let square: f32 = dot(&white.values, &white.values) / white.known as f32;
        assert!((square - 1.0).abs() < 0.01);
    }

    #[test]
    fn what_does_not_move_or_is_not_known_is_not_compared() {
        assert_eq!(White::of(&[]), None);
        assert_eq!(White::of(&[3.0; 500]), None);
        assert_eq!(White::of(&[0.0; 500]), None);
        assert_eq!(White::of(&[f32::NAN; 500]), None);
        assert_eq!(White::of(&[f32::INFINITY; 500]), None);
        let half: Vec<f32> = (0..500)
            .map(|n| if n % 2 == 0 { n as f32 } else { f32::NAN })
            .collect();
        assert_eq!(White::of(&half), None);
        let huge: Vec<f32> = (0..500).map(|n| (n * n % 17) as f32 * 1e37).collect();
        let white = White::of(&huge).unwrap();
        assert!(white.values.iter().all(|value| value.is_finite()));
    }
}
