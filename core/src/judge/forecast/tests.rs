use proptest::prelude::*;

use super::*;

const STEP: f64 = 300.0;
const DAY: usize = 288;
/// A Monday.
const START: f64 = 1_704_067_200.0;

/// The same numbers in each run, −0.5 to 0.5.
fn noise(step: usize) -> f64 {
    let mut z = (step as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

fn daily(step: usize) -> f64 {
    let turn = step as f64 / DAY as f64 * std::f64::consts::TAU;
    50.0 + 20.0 * turn.sin() + 2.0 * noise(step)
}

fn percent() -> ForecastSettings {
    ForecastSettings {
        bounds: Some((0.0, 100.0)),
    }
}

fn fed(steps: usize, value: impl Fn(usize) -> f64) -> Forecaster {
    let mut forecaster = Forecaster::new(percent());
    feed(&mut forecaster, 0..steps, value);
    forecaster
}

fn feed(forecaster: &mut Forecaster, steps: std::ops::Range<usize>, value: impl Fn(usize) -> f64) {
    for step in steps {
        forecaster.push(START + STEP * step as f64, Some(value(step)));
    }
}

fn stored(forecaster: &Forecaster) -> Forecaster {
    let text = serde_json::to_string(forecaster).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn width80(forecast: &Forecast) -> f64 {
    forecast.high80.unwrap() - forecast.low80.unwrap()
}

#[test]
fn nothing_is_said_before_forecasts_have_been_tried() {
    let empty = Forecaster::new(percent());
    assert_eq!(empty.forecast(900.0).verdict, Verdict::Learning);
    assert_eq!(empty.forecast(900.0).value, None);
    assert_eq!(empty.time_to(100.0).verdict, Verdict::Learning);
    let young = fed(6, daily);
    assert!(
        young
            .forecasts()
            .iter()
            .all(|f| f.value.is_none() && f.low95.is_none())
    );
    // After a day the hour has been tried, the day has not.
    let day = fed(DAY, daily);
    assert_ne!(day.forecast(3600.0).verdict, Verdict::Learning);
    assert_eq!(day.forecast(86_400.0).verdict, Verdict::Learning);
}

#[test]
fn a_daily_cycle_is_forecast_within_its_interval() {
    let steps = 10 * DAY + 50;
    let forecaster = fed(steps, daily);
    for hours in [1, 6, 12] {
        let forecast = forecaster.forecast(f64::from(hours) * 3600.0);
        let came = daily(steps - 1 + 12 * hours as usize);
        assert!(
            (forecast.value.unwrap() - came).abs() < 4.0,
            "{forecast:?} {came}"
        );
        assert!(forecast.low95.unwrap() <= came && came <= forecast.high95.unwrap());
    }
    let six = forecaster.forecast(21_600.0);
    assert_eq!(six.verdict, Verdict::Forecast);
    assert!(six.skill.unwrap() > 0.6, "{six:?}");
}

#[test]
fn a_random_walk_is_not_forecast_better_than_same_as_now() {
    let mut walk = vec![50.0];
    for step in 1..14 * DAY {
        walk.push(walk[step - 1] + 0.1 * noise(step));
    }
    let forecaster = fed(walk.len(), |step| walk[step]);
    for forecast in &forecaster.forecasts()[..3] {
        assert!(forecast.skill.unwrap() < 0.1, "{forecast:?}");
        if forecast.verdict == Verdict::SameAsNow {
            let now = *walk.last().unwrap();
            assert!((forecast.value.unwrap() - now).abs() < 1e-4);
        }
    }
    assert!(
        forecaster.forecasts()[..3]
            .iter()
            .any(|f| f.verdict == Verdict::SameAsNow)
    );
}

#[test]
fn a_constant_metric_stays_where_it_is_and_reaches_nothing() {
    let forecaster = fed(9 * DAY, |_| 45.0);
    for forecast in &forecaster.forecasts()[..4] {
        assert_eq!(forecast.verdict, Verdict::SameAsNow);
        assert_eq!(forecast.skill, None);
        assert!((forecast.value.unwrap() - 45.0).abs() < 1e-9);
        assert!(width80(forecast) < 1e-3);
    }
    let told = forecaster.time_to(100.0);
    assert_eq!((told.verdict, told.seconds), (Verdict::SameAsNow, None));
}

#[test]
fn a_stored_forecaster_says_the_same_and_goes_on_the_same() {
    let mut original = fed(8 * DAY + 7, daily);
    let mut copy = stored(&original);
    assert_eq!(copy.forecasts(), original.forecasts());
    assert_eq!(copy.time_to(100.0), original.time_to(100.0));
    let more = 8 * DAY + 7..9 * DAY;
    feed(&mut original, more.clone(), daily);
    feed(&mut copy, more, daily);
    assert_eq!(copy.forecasts(), original.forecasts());
}

#[test]
fn a_state_of_another_shape_is_refused() {
    let mut state = serde_json::to_value(fed(DAY, daily)).unwrap();
    assert!(serde_json::from_value::<Forecaster>(state.clone()).is_ok());
    state["model"]["day"].as_array_mut().unwrap().pop();
    let refused = serde_json::from_value::<Forecaster>(state).unwrap_err();
    assert!(refused.to_string().contains("other lengths"), "{refused}");
}

#[test]
fn values_each_second_and_their_means_give_the_same() {
    let mut seconds = Forecaster::new(percent());
    for second in 0..DAY as u32 * 300 {
        let step = (second / 300) as usize;
        // Around the mean, so that the five minutes come to it.
        let ripple = if second % 2 == 0 { 1.0 } else { -1.0 };
        seconds.push(START + f64::from(second), Some(daily(step) + ripple));
    }
    let means = fed(DAY, daily);
    let (fine, coarse) = (seconds.forecast(3600.0), means.forecast(3600.0));
    assert_eq!(fine.origins, coarse.origins);
    assert!((fine.value.unwrap() - coarse.value.unwrap()).abs() < 0.01);
}

#[test]
fn the_newest_seconds_count_no_more_than_their_part() {
    let mut forecaster = Forecaster::new(percent());
    for second in 0..86_400u32 {
        forecaster.push(
            START + f64::from(second),
            Some(20.0 + noise(second as usize)),
        );
    }
    let before = forecaster.forecast(900.0).value.unwrap();
    // Three seconds of a spike, at the beginning of a bucket.
    for second in 86_400..86_403u32 {
        forecaster.push(START + f64::from(second), Some(100.0));
    }
    let after = forecaster.forecast(900.0).value.unwrap();
    assert!((after - before).abs() < 2.0, "{before} {after}");
}

#[test]
fn values_ten_minutes_apart_are_learned_too() {
    let mut forecaster = Forecaster::new(percent());
    for step in (0..9 * DAY).step_by(2) {
        forecaster.push(START + STEP * step as f64, Some(daily(step)));
    }
    for forecast in &forecaster.forecasts()[..4] {
        assert!(forecast.origins > 12, "{forecast:?}");
    }
    assert_eq!(forecaster.forecast(21_600.0).verdict, Verdict::Forecast);
}

#[test]
fn after_days_off_the_interval_is_wider_and_the_days_shape_is_still_known() {
    let steps = 10 * DAY;
    let before = fed(steps, daily);
    let mut after = stored(&before);
    // Three days later, at the same time of day.
    let resumed = steps + 3 * DAY;
    feed(&mut after, resumed..resumed + 1, daily);
    let (then, now) = (before.forecast(21_600.0), after.forecast(21_600.0));
    assert!(width80(&now) > 1.5 * width80(&then), "{then:?} {now:?}");
    let came = daily(resumed + 72);
    assert!((now.value.unwrap() - came).abs() < 8.0, "{now:?} {came}");
}

#[test]
fn a_night_off_breaks_nothing() {
    let mut forecaster = fed(5 * DAY, daily);
    let morning = 5 * DAY + 100;
    feed(&mut forecaster, morning..8 * DAY, daily);
    let forecast = forecaster.forecast(21_600.0);
    let came = daily(8 * DAY - 1 + 72);
    assert!((forecast.value.unwrap() - came).abs() < 5.0);
}

#[test]
fn a_clock_set_back_starts_the_newest_hours_afresh() {
    let mut forecaster = fed(9 * DAY, daily);
    let known = forecaster.forecast(3600.0).origins;
    // To two days before, then on for a day.
    feed(&mut forecaster, 7 * DAY..8 * DAY, daily);
    let forecast = forecaster.forecast(21_600.0);
    assert!(forecaster.forecast(3600.0).origins > known);
    let came = daily(8 * DAY - 1 + 72);
    assert!(
        (forecast.value.unwrap() - came).abs() < 8.0,
        "{forecast:?} {came}"
    );
}

#[test]
fn no_forecast_leaves_the_bounds() {
    let forecaster = fed(9 * DAY, |step| (99.0 + 6.0 * noise(step)).min(100.0));
    for forecast in &forecaster.forecasts()[..4] {
        assert!(forecast.high95.unwrap() <= 100.0);
        assert!(forecast.low95.unwrap() < 99.0);
    }
}

#[test]
fn horizons_that_are_none_get_no_forecast() {
    let forecaster = fed(9 * DAY, daily);
    for horizon in [f64::NAN, f64::INFINITY, -1.0, 8.0 * 86_400.0] {
        assert_eq!(forecaster.forecast(horizon).verdict, Verdict::Learning);
        assert_eq!(forecaster.forecast(horizon).value, None);
    }
}

#[test]
fn a_fill_is_told_when_it_reaches_the_limit() {
    // 40 % and 0.01 a step: 100 % is reached after 6000 steps.
    let fill = |step: usize| 40.0 + 0.01 * step as f64 + 0.1 * noise(step);
    let steps = 5 * DAY;
    let told = fed(steps, fill).time_to(100.0);
    let true_seconds = STEP * (6000 - steps) as f64;
    assert_eq!(told.verdict, Verdict::Forecast);
    let off = told.seconds.unwrap() / true_seconds;
    assert!((0.95..1.05).contains(&off), "{told:?} {true_seconds}");
    assert!(told.low_seconds.unwrap() <= told.seconds.unwrap());
    assert!(told.high_seconds.unwrap() >= told.seconds.unwrap());
}

#[test]
fn what_runs_empty_is_told_as_what_fills() {
    let drain = |step: usize| 90.0 - 0.05 * step as f64 + 0.1 * noise(step);
    let told = fed(1000, drain).time_to(0.0);
    let off = told.seconds.unwrap() / (STEP * 800.0);
    assert!((0.9..1.1).contains(&off), "{told:?}");
}

#[test]
fn a_leak_that_began_hours_ago_is_told_before_it_ends() {
    // Quiet for two hours, then 1 % a step.
    let leak = |step: usize| 20.0 + step.saturating_sub(24) as f64 + 0.2 * noise(step);
    let told = fed(24 + 60, leak).time_to(100.0);
    let off = told.seconds.unwrap() / (STEP * 21.0);
    assert!((0.8..1.25).contains(&off), "{told:?}");
}

#[test]
fn neither_a_daily_cycle_nor_a_saw_tooth_is_an_alarm() {
    let told = fed(6 * DAY, daily).time_to(80.0);
    assert_eq!(told.verdict, Verdict::SameAsNow, "{told:?}");
    let tooth = |step: usize| 40.0 + 30.0 * (step as f64 / 100.0).fract() + noise(step);
    for steps in [6 * DAY, 6 * DAY + 40, 6 * DAY + 90] {
        let told = fed(steps, tooth).time_to(80.0);
        assert_eq!(told.verdict, Verdict::SameAsNow, "{steps} {told:?}");
    }
}

#[test]
fn memory_does_not_grow_with_time() {
    let month = serde_json::to_string(&fed(30 * DAY, daily)).unwrap().len();
    let season = serde_json::to_string(&fed(90 * DAY, daily)).unwrap().len();
    assert!(season < month + month / 20, "{month} {season}");
}

fn any_value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (0.0..100.0f64).prop_map(Some),
        1 => any::<f64>().prop_map(Some),
        1 => Just(None),
        1 => Just(Some(f64::NAN)),
        1 => Just(Some(-1e18)),
    ]
}

fn any_step() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..700.0f64,
        1 => -90_000.0..0.0f64,
        1 => 0.0..900_000.0f64,
        1 => Just(f64::NAN),
        1 => Just(1e300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_comes_intervals_are_in_order_and_the_state_can_be_stored(
        rows in prop::collection::vec((any_step(), any_value()), 0..800),
        limit in any::<f64>(),
    ) {
        let mut forecaster = Forecaster::new(ForecastSettings::default());
        let mut time = START;
        for (step, value) in rows {
            let at = time + step;
            forecaster.push(at, value);
            if at.abs() < 1e11 {
                time = at;
            }
        }
        for forecast in forecaster.forecasts() {
            if let Some(value) = forecast.value {
                let row = [forecast.low95, forecast.low80, Some(value), forecast.high80, forecast.high95]
                    .map(Option::unwrap);
                prop_assert!(row.iter().all(|v| v.is_finite()), "{row:?}");
                prop_assert!(row.is_sorted(), "{row:?}");
            }
        }
        let told = forecaster.time_to(limit);
        if let Some(seconds) = told.seconds {
            prop_assert!(seconds >= 0.0 && told.low_seconds.unwrap() <= seconds);
            prop_assert!(told.high_seconds.is_none_or(|high| high >= seconds));
        }
        let copy = stored(&forecaster);
        prop_assert_eq!(copy.forecasts(), forecaster.forecasts());
    }
}
