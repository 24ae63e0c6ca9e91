//! The link between a metric and the place in a sample that it is read from and put back to.

use super::metric::Metric;

/// One metric of a `T`: the sample itself, a core, a device …
pub(crate) struct Field<T: 'static> {
    pub(crate) metric: Metric,
    /// The raw number, or `ABSENT`.
    pub(crate) get: fn(&T) -> i64,
    /// Puts a raw number back; does nothing for what is worked out from other fields.
    pub(crate) set: fn(&mut T, i64),
    /// Brings the place to what `set` makes of what `get` reads there.
    pub(crate) settle: fn(&mut T),
}

/// Reads a place in steps.
macro_rules! get_place {
    ($type:ty, $steps:literal, |$t:ident| $e:expr $(, |$u:ident, $raw:ident| $put:expr)?) => {
        |$t: &$type| $crate::series::raw::Stored::to_raw(&$e, $steps)
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+ ? $($c:ident).+) => {
        |t: &$type| {
            t.$($a).+.as_ref().and_then(|a| a.$($b).+.as_ref())
                .map_or($crate::series::ABSENT, |b| {
                    $crate::series::raw::Stored::to_raw(&b.$($c).+, $steps)
                })
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+) => {
        |t: &$type| {
            t.$($a).+.as_ref().map_or($crate::series::ABSENT, |a| {
                $crate::series::raw::Stored::to_raw(&a.$($b).+, $steps)
            })
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+) => {
        |t: &$type| $crate::series::raw::Stored::to_raw(&t.$($a).+, $steps)
    };
}

/// Puts steps back into a place.
macro_rules! set_place {
    ($type:ty, $steps:literal, |$t:ident| $e:expr) => {
        |_: &mut $type, _| {}
    };
    ($type:ty, $steps:literal, |$t:ident| $e:expr, |$u:ident, $raw:ident| $put:expr) => {
        |$u: &mut $type, $raw: i64| $put
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+ ? $($c:ident).+) => {
        |t: &mut $type, raw| {
            if raw != $crate::series::ABSENT {
                let a = t.$($a).+.get_or_insert_with(Default::default);
                let b = a.$($b).+.get_or_insert_with(Default::default);
                $crate::series::raw::Stored::take_raw(&mut b.$($c).+, raw, $steps);
            } else if let Some(b) = t.$($a).+.as_mut().and_then(|a| a.$($b).+.as_mut()) {
                $crate::series::raw::Stored::take_raw(&mut b.$($c).+, raw, $steps);
            }
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+) => {
        |t: &mut $type, raw| {
            if raw != $crate::series::ABSENT {
                let a = t.$($a).+.get_or_insert_with(Default::default);
                $crate::series::raw::Stored::take_raw(&mut a.$($b).+, raw, $steps);
            } else if let Some(a) = t.$($a).+.as_mut() {
                $crate::series::raw::Stored::take_raw(&mut a.$($b).+, raw, $steps);
            }
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+) => {
        |t: &mut $type, raw| {
            $crate::series::raw::Stored::take_raw(&mut t.$($a).+, raw, $steps);
        }
    };
}

/// Settles a place. One that is worked out from others is settled with them.
macro_rules! settle_place {
    ($type:ty, $steps:literal, |$t:ident| $e:expr) => {
        |_: &mut $type| {}
    };
    ($type:ty, $steps:literal, |$t:ident| $e:expr, |$u:ident, $raw:ident| $put:expr) => {
        |$u: &mut $type| {
            let $raw = {
                let $t: &$type = $u;
                $crate::series::raw::Stored::to_raw(&$e, $steps)
            };
            $put
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+ ? $($c:ident).+) => {
        |t: &mut $type| {
            if let Some(b) = t.$($a).+.as_mut().and_then(|a| a.$($b).+.as_mut()) {
                $crate::series::raw::Stored::settle(&mut b.$($c).+, $steps);
            }
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+ ? $($b:ident).+) => {
        |t: &mut $type| {
            if let Some(a) = t.$($a).+.as_mut() {
                $crate::series::raw::Stored::settle(&mut a.$($b).+, $steps);
            }
        }
    };
    ($type:ty, $steps:literal, $($a:ident).+) => {
        |t: &mut $type| $crate::series::raw::Stored::settle(&mut t.$($a).+, $steps)
    };
}

/// The gauge that a counter is the integral of, if it is one's.
macro_rules! integral {
    (gauge) => {
        None
    };
    (counter) => {
        None
    };
    (counter $gauge:literal $factor:literal) => {
        Some(($gauge, $factor))
    };
}

/// Gauge or counter.
macro_rules! kind {
    (gauge $($rest:tt)*) => {
        $crate::series::Kind::Gauge
    };
    (counter $($rest:tt)*) => {
        $crate::series::Kind::Counter
    };
}

/// A table of [`Field`]s:
/// `FAMILY of TYPE { ID "name" Unit / STEPS (KIND) "what it is" => [PLACE]; … }`.
///
/// The place is a path to a field, optional or not (`read_bytes_per_sec`), through optional
/// structs (`shares ? busy_percent`), an expression that is worked out from others and
/// so only read (`|sample| sum(sample)`), or one with how it is put back
/// (`|sample| total(sample), |sample, raw| put(sample, raw)`). The kind is `gauge`, `counter`, or
/// `counter GAUGE_ID FACTOR`, see [`Metric::integral_of`].
macro_rules! fields {
    ($family:ident of $type:ty { $($id:literal $name:literal $unit:ident / $steps:literal ($($kind:tt)+) $help:literal => [$($place:tt)+];)* }) => {
        &[$($crate::series::field::Field::<$type> {
            metric: $crate::series::Metric {
                id: $id,
                name: $name,
                family: $crate::series::Family::$family,
                unit: $crate::series::Unit::$unit,
                kind: $crate::series::field::kind!($($kind)+),
                steps_per_unit: $steps,
                help: $help,
                integral_of: $crate::series::field::integral!($($kind)+),
            },
            get: $crate::series::field::get_place!($type, $steps, $($place)+),
            set: $crate::series::field::set_place!($type, $steps, $($place)+),
            settle: $crate::series::field::settle_place!($type, $steps, $($place)+),
        }),*]
    };
}

pub(crate) use {fields, get_place, integral, kind, set_place, settle_place};
