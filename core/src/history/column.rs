//! One column of an answer, as far as it was read.

use std::sync::Arc;

use super::fold::Cell;

/// Values of the labels that tell the columns of one metric apart.
pub(super) type Labels = Box<[Option<Arc<str>>]>;

/// One column of the answer.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Place of its metric in the question.
    pub(super) wanted: usize,
    /// First of the query's selectors that it was chosen by.
    pub(super) chosen_by: usize,
    pub(super) labels: Labels,
    /// Sum of its values over time, by which the greatest are found.
    pub(super) total: f64,
    pub(super) values: Values,
}

/// The values of a column so far.
#[derive(Debug)]
pub(super) enum Values {
    /// Consecutive samples, each run from the so-manieth row that was read on.
    Rows(Vec<(usize, Vec<f64>)>),
    /// One for each step from the so-manieth on.
    Steps(Steps<Cell>),
    /// All values of each step, for a quantile.
    All(Steps<Vec<(f64, f64)>>),
}

impl Values {
    /// The first step that has a value and the one after the last.
    pub(super) fn reach(&self) -> Option<(i64, i64)> {
        match self {
            Values::Rows(_) => None,
            Values::Steps(steps) => steps.reach(),
            Values::All(steps) => steps.reach(),
        }
    }
}

/// Something for each step, as far as it was needed.
#[derive(Debug, Default)]
pub(super) struct Steps<T> {
    first: i64,
    cells: Vec<T>,
}

impl<T: Default + Clone> Steps<T> {
    /// The place of a step, and how many had to be added for it.
    pub(super) fn at(&mut self, step: i64) -> (&mut T, usize) {
        let before = self.cells.len();
        if self.cells.is_empty() {
            self.first = step;
        }
        if step < self.first {
            let missing = (self.first - step) as usize;
            self.cells
                .splice(0..0, std::iter::repeat_n(T::default(), missing));
            self.first = step;
        }
        let place = (step - self.first) as usize;
        if place >= self.cells.len() {
            self.cells.resize(place + 1, T::default());
        }
        let added = self.cells.len() - before;
        (&mut self.cells[place], added)
    }

    fn reach(&self) -> Option<(i64, i64)> {
        let is_any = !self.cells.is_empty();
        is_any.then_some((self.first, self.first + self.cells.len() as i64))
    }

    pub(super) fn get(&self, step: i64) -> Option<&T> {
        let place = usize::try_from(step - self.first).ok()?;
        self.cells.get(place)
    }
}
