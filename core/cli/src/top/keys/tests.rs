//! What the keys ask for, and what they leave alone.

use super::*;

fn letters(model: &mut Model, text: &str) -> Vec<Order> {
    text.chars()
        .flat_map(|letter| model.press(Key::Char(letter)))
        .collect()
}

#[test]
fn every_view_is_reached_by_its_number_and_in_turn() {
    let mut model = Model::default();
    for view in View::ALL.into_iter().skip(1) {
        model.press(Key::Tab);
        assert_eq!(model.view, view);
    }
    model.press(Key::Tab);
    assert_eq!(model.view, View::Overview);
    model.press(Key::BackTab);
    assert_eq!(model.view, View::Findings);
    letters(&mut model, "2");
    assert_eq!(model.view, View::Processes);
}

#[test]
fn letters_in_a_filter_are_letters_and_ctrl_c_quits_even_there() {
    let mut model = Model::default();
    letters(&mut model, "2/q 1k");
    assert_eq!(model.processes.filter.text(), "q 1k");
    assert_eq!(
        (model.view, model.dialog.is_none()),
        (View::Processes, true)
    );
    assert_eq!(model.press(Key::Control('c')), [Order::Quit]);
    model.press(Key::Enter);
    assert_eq!(letters(&mut model, "q"), [Order::Quit]);
    model.press(Key::Escape);
    assert!(model.processes.filter.is_empty());
}

#[test]
fn the_interval_stays_within_half_a_second_and_a_minute() {
    let mut model = Model::new(2.0, false);
    assert_eq!(letters(&mut model, "-"), [Order::Interval(1.0)]);
    assert_eq!(letters(&mut model, "----"), [Order::Interval(0.5)]);
    letters(&mut model, "++++++++++++");
    assert_eq!(model.interval, 60.0);
    // One between the steps that was given.
    model.interval = 4.0;
    assert_eq!(letters(&mut model, "+"), [Order::Interval(5.0)]);
}

#[test]
fn a_pause_is_asked_for_and_ended_by_the_same_key() {
    let mut model = Model::default();
    assert_eq!(
        letters(&mut model, "  "),
        [Order::Pause(true), Order::Pause(false)]
    );
}

#[test]
fn where_no_process_is_chosen_nothing_is_begun() {
    let mut model = Model::default();
    assert_eq!(letters(&mut model, "2lzkgu"), []);
    assert!(model.dialog.is_none() && model.notice.is_some());
    assert_eq!(letters(&mut model, "3as"), []);
}

#[test]
fn any_key_closes_the_help() {
    let mut model = Model::default();
    letters(&mut model, "?");
    assert!(model.has_help);
    assert_eq!(letters(&mut model, "q"), []);
    assert!(!model.has_help);
}
