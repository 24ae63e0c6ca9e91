//! Every setting: its default, unit and allowed range.
