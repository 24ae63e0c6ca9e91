use super::ring::WINDOW;
use super::*;

/// Numbers that look random: −1 to 1, more near 0.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..3 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += (self.0 >> 33) as f64 / (1u64 << 31) as f64 - 0.5;
        }
        sum
    }

    /// A series in which each value keeps a part of the one before.
    fn series(&mut self, keeps: f64) -> Vec<f32> {
        let mut level = 0.0;
        let mut next = || {
            level = keeps * level + self.next();
            level as f32
        };
        (0..WINDOW).map(|_| next()).collect()
    }
}

fn link(a: &[f32], b: &[f32]) -> Option<Link> {
    compare(&White::of(a)?, &White::of(b)?)
}

/// Pairs of a series of series that are told.
fn told(series: &[Vec<f32>]) -> usize {
    let white: Vec<White> = series.iter().filter_map(|one| White::of(one)).collect();
    let mut count = 0;
    for (place, a) in white.iter().enumerate() {
        let links = white[place + 1..].iter().filter_map(|b| compare(a, b));
        count += links.filter(|link| link.p_value <= TELL_CHANCE).count();
    }
    count
}

#[test]
fn series_that_have_nothing_in_common_are_not_told() {
    // 20 machines with 24 metrics each: about as many pairs as one machine compares in a day.
    let mut noise = Noise(1);
    let mut found = 0;
    for machine in 0..20 {
        // From no memory to a random walk, as load averages and memory have it.
        let series: Vec<Vec<f32>> = (0..24)
            .map(|n| noise.series([0.0, 0.5, 0.9, 0.98, 1.0][(n + machine) % 5]))
            .collect();
        found += told(&series);
    }
    assert!(found <= 1, "{found}");
}

#[test]
fn bursts_and_busy_hours_have_nothing_in_common_by_themselves() {
    let mut noise = Noise(2);
    let mut found = 0;
    for _ in 0..10 {
        let series: Vec<Vec<f32>> = (0..24)
            .map(|n| {
                let busy = |place: usize| {
                    if (200..260).contains(&place) {
                        20.0
                    } else {
                        1.0
                    }
                };
                let mut one = noise.series(0.5);
                for (place, value) in one.iter_mut().enumerate() {
                    *value = match n % 2 {
                        // All are restless in the same ten minutes.
                        0 => *value * busy(place),
                        // Mostly nothing, some seconds of work.
                        _ if *value > 1.0 => *value * 100.0,
                        _ => 0.0,
                    };
                }
                one
            })
            .collect();
        found += told(&series);
    }
    assert!(found <= 1, "{found}");
}

#[test]
fn a_planted_pair_is_found_with_its_lag_and_sign() {
    let mut noise = Noise(3);
    for (lag, sign) in [(0usize, 1.0f32), (1, 1.0), (4, -1.0), (7, 1.0), (18, 1.0)] {
        for keeps in [0.0, 0.7, 0.95] {
            let cause = noise.series(keeps);
            let other = noise.series(keeps);
            let follower: Vec<f32> = (0..WINDOW)
                .map(|n| sign * if n >= lag { cause[n - lag] } else { 0.0 } + 0.7 * other[n])
                .collect();
            let link = link(&cause, &follower).unwrap();
            assert_eq!(link.lag, lag as i64);
            assert!(
                link.coefficient * f64::from(sign) > 0.5,
                "{}",
                link.coefficient
            );
            assert!(link.p_value < TELL_CHANCE, "{}", link.p_value);
            // Seen from the other side it is earlier.
            let white = |series: &[f32]| White::of(series).unwrap();
            let back = compare(&white(&follower), &white(&cause)).unwrap();
            assert_eq!(back.lag, -(lag as i64));
            let told = link.of("b", "a", 10.0);
            let wanted = if lag == 0 { "a" } else { "b" };
            assert_eq!(told.leader.metric, wanted);
            assert_eq!(told.lag_seconds, 10.0 * lag as f64);
        }
    }
}

#[test]
fn a_shared_trend_alone_is_not_told() {
    let mut noise = Noise(4);
    let trend = |noise: &mut Noise| -> Vec<f32> {
        let series = noise.series(0.0);
        series
            .iter()
            .enumerate()
            .map(|(n, value)| value + n as f32 / 10.0)
            .collect()
    };
    let day = |noise: &mut Noise| -> Vec<f32> {
        let series = noise.series(0.0);
        let wave = |n: usize| 10.0 * (n as f32 / 114.0).sin();
        series
            .iter()
            .enumerate()
            .map(|(n, value)| value + wave(n))
            .collect()
    };
    for shape in [trend, day] {
        let (a, b) = (shape(&mut noise), shape(&mut noise));
        assert!(link(&a, &b).is_none_or(|link| link.p_value > TELL_CHANCE));
    }
}

#[test]
fn a_machine_is_told_what_moves_together_and_it_is_worked_out_bit_by_bit() {
    let mut noise = Noise(5);
    let mut judge = CorrelationJudge::default();
    let place = |name: &str| WATCHED.iter().position(|other| *other == name).unwrap();
    let (cause, follower) = (
        place("network_received_bytes_per_sec"),
        place("disk_write_bytes_per_sec"),
    );
    let mut past = Vec::new();
    let mut steps = 0;
    for second in 0..6000u32 {
        if second % 10 == 0 {
            past.push(10.0 + noise.next());
        }
        // What is received is written 30 seconds later.
        let received = past[past.len() - 1];
        let written = past[past.len().saturating_sub(4)] + 0.3 * noise.next();
        let values: Vec<f64> = (0..WATCHED.len())
            .map(|n| match n {
                n if n == cause => received * 1e6,
                n if n == follower => written * 2e6,
                _ => noise.next(),
            })
            .collect();
        judge
            .ring
            .add(f64::from(second), values.into_iter(), WATCHED.len());
        if judge.ring.finished() == 500 && steps == 0 {
            let mut work = Work {
                end: 500,
                ..Work::default()
            };
            while !work.step(&judge.ring, &[]) {
                steps += 1;
            }
            judge.told = work.found;
        }
    }
    assert_eq!(steps, WATCHED.len() + PAIRS.len());
    let told = &judge.told;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].leader.metric, WATCHED[cause]);
    assert_eq!(told[0].follower.metric, WATCHED[follower]);
    assert!((told[0].lag_seconds - 30.0).abs() < 1.0, "{told:?}");
}
