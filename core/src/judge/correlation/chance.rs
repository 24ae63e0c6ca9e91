//! How likely a coefficient is by chance.

/// Chance of a coefficient at least this far from 0 between unrelated series of so many
/// independent points: two-sided, by Fisher's z.
pub(super) fn of_coefficient(coefficient: f64, points: f64) -> f64 {
    if !coefficient.is_finite() || points.is_nan() || points <= 4.0 {
        return 1.0;
    }
    let z = coefficient.abs().min(1.0 - 1e-12).atanh() * (points - 3.0).sqrt();
    two_sided(z)
}

/// Chance of a normal value at least `z` from its mean, on either side.
pub(super) fn two_sided(z: f64) -> f64 {
    let z = z.abs();
    if z.is_nan() {
        return 1.0;
    }
    let density = (-0.5 * z * z).exp() / (std::f64::consts::TAU).sqrt();
    if z < 2.5 {
        // Between the mean and z: density · Σ z^(2k+1) / (1·3·5···(2k+1)).
        let (mut term, mut sum) = (z, z);
        for k in 1..60 {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
        }
        return (1.0 - 2.0 * density * sum).clamp(0.0, 1.0);
    }
    // Beyond z: density / (z + 1/(z + 2/(z + 3/…))), from the inside out.
    let mut fraction = z;
    for k in (1..=60).rev() {
        fraction = z + f64::from(k) / fraction;
    }
    2.0 * density / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tails_are_those_of_the_tables() {
        for (z, p) in [
            (0.0, 1.0),
            (0.674_489_75, 0.5),
            (1.959_963_985, 0.05),
            (2.499_999, 0.012_419_33),
            (2.5, 0.012_419_33),
            (3.290_526_731, 0.001),
            (4.891_638_475, 1e-6),
            (6.109_410_205, 1e-9),
        ] {
            let found = two_sided(z);
            assert!((found / p - 1.0).abs() < 1e-5, "{z}: {found} is not {p}");
        }
        assert_eq!(two_sided(f64::INFINITY), 0.0);
        assert_eq!(two_sided(f64::NAN), 1.0);
    }

    #[test]
    fn few_points_prove_nothing() {
        assert_eq!(of_coefficient(1.0, 4.0), 1.0);
        assert_eq!(of_coefficient(f64::NAN, 100.0), 1.0);
        // r = 0.195 of 100 pairs is the border of 5 %.
        assert!((of_coefficient(0.195, 100.0) - 0.052).abs() < 0.001);
        assert!(of_coefficient(1.0, 100.0) < 1e-12);
    }
}
