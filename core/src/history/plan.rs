//! Which tier answers for which part of a range.
//!
//! A coarser tier reaches further back, a finer one nearer to now. The ends of a range that
//! are narrower than a row of the chosen tier come from finer ones where those still reach,
//! so that no value outside the range is taken in. Parts begin and end where rows of both
//! tiers do: nothing is counted twice.

use crate::arrange::arrange_by_key;
use crate::series::Tier;
use crate::store::series::Extent;

/// One part of a range. Of a coarser tier it holds the rows that begin in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) tier: Tier,
    pub(super) from_us: i64,
    pub(super) to_us: i64,
}

/// How a range is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Plan {
    /// In the order of time.
    pub(super) parts: Vec<Part>,
    /// Width of the answer's rows; `None`: samples as they were taken.
    pub(super) step_us: Option<i64>,
    /// The step had to be made wider than was asked.
    pub(super) widened: bool,
}

/// What a plan is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) since_us: i64,
    pub(super) until_us: i64,
    pub(super) step_us: Option<i64>,
    /// Only from this one.
    pub(super) tier: Option<Tier>,
    /// The coarsest tier that divides the step will do.
    pub(super) coarse_will_do: bool,
}

/// Width of a tier's rows in microseconds; of raw that of the stamps.
pub(super) fn width_us(tier: Tier) -> i64 {
    tier.seconds()
        .map_or(1, |seconds| i64::from(seconds) * 1_000_000)
}

/// `time` or the next multiple of `width` after it.
pub(super) fn round_up(time: i64, width: i64) -> i64 {
    let over = time.rem_euclid(width);
    match over {
        0 => time,
        over => time.saturating_add(width - over),
    }
}

/// `time` or the next multiple of `width` before it.
pub(super) fn round_down(time: i64, width: i64) -> i64 {
    time.saturating_sub(time.rem_euclid(width))
}

/// Makes the plan; without any part when the tiers have nothing there.
pub(super) fn plan(ask: &Ask, extents: &[Extent]) -> Plan {
    let tiers = reaches(extents, ask.tier);
    let first = tiers.iter().map(|reach| reach.first_us).min();
    let end = tiers.iter().map(|reach| reach.end_us).max();
    let (Some(first), Some(end)) = (first, end) else {
        return Plan::default();
    };
    let mut range = (ask.since_us.max(first), ask.until_us.min(end));
    if range.0 >= range.1 {
        return Plan::default();
    }
    let Some(asked) = ask.step_us else {
        let finest = tiers.iter().position(|reach| reach.from_us <= range.0);
        let chosen = finest.unwrap_or(tiers.len() - 1);
        let width = tiers[chosen].width_us;
        range.0 = round_down(range.0, width);
        return Plan {
            parts: parts(&tiers, chosen, true, range),
            step_us: (tiers[chosen].tier != Tier::Raw).then_some(width),
            widened: false,
        };
    };
    let mut step = asked;
    loop {
        let divides = |reach: &Reach| step % reach.width_us == 0;
        let coarsest = tiers.iter().rposition(divides).unwrap_or(0);
        let chosen = if ask.coarse_will_do { coarsest } else { 0 };
        let parts = parts(&tiers, chosen, ask.coarse_will_do, range);
        let widest = parts.iter().map(|part| width_us(part.tier)).max();
        let widest = widest.unwrap_or(1);
        if step % widest == 0 {
            return Plan {
                parts,
                step_us: Some(step),
                widened: step != asked,
            };
        }
        step = round_up(step, widest);
    }
}

/// How far a tier reaches.
#[derive(Debug, Clone, Copy)]
struct Reach {
    tier: Tier,
    width_us: i64,
    first_us: i64,
    end_us: i64,
    /// From where on it is used rather than a coarser one that reaches further back; always
    /// if there is none.
    from_us: i64,
}

fn reaches(extents: &[Extent], only: Option<Tier>) -> Vec<Reach> {
    let mut tiers: Vec<Reach> = extents
        .iter()
        .filter(|extent| only.is_none_or(|only| only == extent.tier))
        .map(|extent| Reach {
            tier: extent.tier,
            width_us: width_us(extent.tier),
            first_us: extent.first_us,
            end_us: match extent.tier {
                Tier::Raw => extent.last_us.saturating_add(1),
                _ => extent.last_us,
            },
            from_us: i64::MIN,
        })
        .collect();
    arrange_by_key(&mut tiers, |reach| reach.tier);
    for place in 0..tiers.len() {
        // A row of the coarser tier that begins a whole row earlier holds something more.
        let further = |coarser: &Reach| {
            coarser.first_us.saturating_add(coarser.width_us) <= tiers[place].first_us
        };
        if let Some(coarser) = tiers[place + 1..].iter().rfind(|coarser| further(coarser)) {
            tiers[place].from_us = round_up(tiers[place].first_us, coarser.width_us);
        }
    }
    tiers
}

/// The parts of a range: from `chosen` as far back as it reaches, before that from coarser
/// tiers; within what `chosen` covers, its ends from finer ones if `finer_ends`.
fn parts(tiers: &[Reach], chosen: usize, finer_ends: bool, range: (i64, i64)) -> Vec<Part> {
    let (since, mut until) = range;
    let mut parts = Vec::new();
    for place in chosen..tiers.len() {
        let from = tiers[place].from_us.max(since);
        if from < until {
            let least = if finer_ends && place == chosen {
                0
            } else {
                place
            };
            let mut newer = std::mem::take(&mut parts);
            cover(&tiers[least..=place], from, until, &mut parts);
            parts.append(&mut newer);
            until = from;
        }
    }
    parts
}

/// Covers a range by the last of these tiers, its ends by finer ones that reach there.
fn cover(tiers: &[Reach], from: i64, to: i64, parts: &mut Vec<Part>) {
    let Some((coarsest, finer)) = tiers.split_last() else {
        return;
    };
    if from >= to {
        return;
    }
    let width = coarsest.width_us;
    let part = |from_us, to_us| Part {
        tier: coarsest.tier,
        from_us,
        to_us,
    };
    let there = reaching(finer, from);
    // Where nothing finer reaches, the row at the end is taken whole.
    let first = match there.is_empty() {
        true => round_down(from, width),
        false => round_up(from.max(coarsest.first_us), width),
    };
    let last = round_down(to.min(coarsest.end_us), width);
    if first >= last {
        return match there.is_empty() {
            true => parts.push(part(first, round_up(to, width))),
            false => cover(there, from, to, parts),
        };
    }
    cover(there, from, first, parts);
    let there = reaching(finer, last);
    match there.is_empty() {
        true => parts.push(part(first, round_up(to, width).max(last))),
        false => {
            parts.push(part(first, last));
            cover(there, last, to, parts);
        }
    }
}

/// Those of the tiers that reach back to a time: the coarser ones.
fn reaching(tiers: &[Reach], time: i64) -> &[Reach] {
    let too_short = tiers.iter().rposition(|reach| reach.from_us > time);
    &tiers[too_short.map_or(0, |place| place + 1)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use Tier::{Minute, Raw, TenMinutes, TenSeconds};
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    /// A multiple of ten minutes, and 3 minutes and 27 seconds.
    const START: i64 = 1_795_000_200 * SECOND + 207 * SECOND;

    /// Tiers that begin and end at these times, rows of coarser ones at their multiples.
    fn extents(firsts: [Option<i64>; 4], end: i64) -> Vec<Extent> {
        let tiers = Tier::ALL.into_iter().zip(firsts);
        tiers
            .filter_map(|(tier, first)| {
                let width = width_us(tier);
                let extent = Extent {
                    tier,
                    first_us: round_down(first?, width),
                    last_us: round_down(end, width),
                    rows: 1,
                    bytes: 1,
                };
                (tier == Raw || extent.first_us < extent.last_us).then_some(extent)
            })
            .collect()
    }

    fn ask(since_us: i64, until_us: i64, step_us: Option<i64>) -> Ask {
        Ask {
            since_us,
            until_us,
            step_us,
            tier: None,
            coarse_will_do: true,
        }
    }

    fn tiers(plan: &Plan) -> Vec<Tier> {
        plan.parts.iter().map(|part| part.tier).collect()
    }

    #[test]
    fn a_range_that_raw_covers_is_given_as_it_was_sampled() {
        let extents = extents([Some(START); 4], START + DAY);
        let plan = plan(&ask(START + 5, START + DAY, None), &extents);
        let whole = Part {
            tier: Raw,
            from_us: START + 5,
            to_us: START + DAY,
        };
        assert_eq!(plan.parts, [whole]);
        assert_eq!(plan.step_us, None);
    }

    #[test]
    fn without_a_step_what_raw_no_longer_holds_makes_all_of_it_coarser() {
        let firsts = [Some(START + 6 * DAY), Some(START), Some(START), Some(START)];
        let plan = plan(
            &ask(START, START + 7 * DAY, None),
            &extents(firsts, START + 7 * DAY),
        );
        assert_eq!(plan.step_us, Some(10 * SECOND));
        assert_eq!(tiers(&plan), [TenSeconds, Raw]);
        assert_eq!(plan.parts[0].from_us, round_down(START, 10 * SECOND));
        assert_eq!(plan.parts[1].to_us, START + 7 * DAY);
    }

    #[test]
    fn with_a_step_the_coarsest_that_divides_it_answers_and_finer_ones_its_ends() {
        let extents = extents([Some(START); 4], START + DAY);
        let (since, until) = (START + 3605 * SECOND, START + 9001 * SECOND);
        let plan = plan(&ask(since, until, Some(1800 * SECOND)), &extents);
        let wanted = [Raw, TenSeconds, Minute, TenMinutes, Minute, TenSeconds, Raw];
        assert_eq!(tiers(&plan), wanted);
        assert_eq!(plan.parts[0].from_us, since);
        assert_eq!(plan.parts[6].to_us, until);
    }

    #[test]
    fn what_a_coarser_tier_does_not_have_yet_comes_from_finer_ones() {
        let mut extents = extents([Some(START); 4], START + DAY);
        extents[3].last_us -= 600 * SECOND;
        let until = START + DAY;
        let plan = plan(&ask(START, until, Some(600 * SECOND)), &extents);
        let end = plan.parts.last().unwrap();
        assert_eq!((end.tier, end.to_us), (Raw, until));
        assert!(tiers(&plan).contains(&TenMinutes));
    }

    #[test]
    fn a_quantile_comes_from_the_finest_as_far_back_as_that_reaches() {
        let firsts = [
            Some(START + 3 * DAY),
            Some(START + 2 * DAY),
            Some(START),
            None,
        ];
        let extents = extents(firsts, START + 4 * DAY);
        let mut ask = ask(START, START + 4 * DAY, Some(3600 * SECOND));
        ask.coarse_will_do = false;
        let plan = plan(&ask, &extents);
        assert_eq!(tiers(&plan), [Minute, TenSeconds, Raw]);
        assert_eq!(plan.parts[1].from_us % (60 * SECOND), 0);
    }

    #[test]
    fn a_step_that_what_is_left_can_not_divide_is_made_wider() {
        let firsts = [Some(START + DAY), None, Some(START), None];
        let extents = extents(firsts, START + 2 * DAY);
        let narrow = plan(&ask(START, START + 2 * DAY, Some(7 * SECOND)), &extents);
        assert_eq!(narrow.step_us, Some(60 * SECOND));
        assert!(narrow.widened);
        let newest = plan(
            &ask(
                START + DAY + 600 * SECOND,
                START + 2 * DAY,
                Some(7 * SECOND),
            ),
            &extents,
        );
        assert_eq!((newest.step_us, newest.widened), (Some(7 * SECOND), false));
    }

    #[test]
    fn one_tier_alone_is_asked_when_it_is_named() {
        let extents = extents([Some(START); 4], START + DAY);
        let mut ask = ask(START + SECOND, START + DAY, None);
        ask.tier = Some(Minute);
        let named = plan(&ask, &extents);
        assert_eq!(tiers(&named), [Minute]);
        assert_eq!(named.step_us, Some(60 * SECOND));
        assert_eq!(
            named.parts[0].from_us,
            round_down(START + SECOND, 60 * SECOND)
        );
        assert_eq!(plan(&ask, &[]), Plan::default());
    }

    proptest! {
        /// No moment is counted twice, none that some tier holds is left out.
        #[test]
        fn parts_lie_side_by_side_and_meet_where_rows_do(
            ages in prop::array::uniform4(prop::option::of(1i64..40_000)),
            since in 0i64..50_000, length in 1i64..50_000,
            step in prop::option::of(1i64..5000),
            coarse_will_do: bool,
        ) {
            let end = START + 50_000 * SECOND + 123;
            let mut oldest = 0;
            let firsts = ages.map(|age| age.map(|age| {
                oldest = oldest.max(age);
                end - oldest * SECOND
            }));
            let extents = extents(firsts, end);
            let since = START + since * SECOND + 7;
            let until = (since + length * SECOND).min(end + 1);
            let mut ask = ask(since, until, step.map(|step| step * SECOND));
            ask.coarse_will_do = coarse_will_do;
            let plan = plan(&ask, &extents);

            for part in &plan.parts {
                let width = width_us(part.tier);
                prop_assert!(part.from_us < part.to_us);
                prop_assert_eq!(part.from_us % width, 0);
                prop_assert_eq!(part.to_us % width, 0);
                if let Some(step) = plan.step_us {
                    prop_assert_eq!(step % width, 0);
                }
            }
            for pair in plan.parts.windows(2) {
                prop_assert!(pair[0].to_us == pair[1].from_us, "{:?}", plan);
            }
            let first = extents.iter().map(|extent| extent.first_us).min();
            if let (Some(part), Some(first)) = (plan.parts.first(), first) {
                prop_assert!(part.from_us <= since.max(first));
                let last = plan.parts[plan.parts.len() - 1];
                let held = extents.iter().map(|extent| extent.last_us).max().unwrap();
                prop_assert!(last.to_us >= until.min(held), "{:?}", plan);
            } else {
                let outside = |extent: &Extent| match extent.tier {
                    Raw => extent.last_us < since || extent.first_us >= until,
                    _ => extent.last_us <= since || extent.first_us >= until,
                };
                prop_assert!(extents.iter().all(outside) || since >= until);
            }
        }
    }
}
