//! The alerts of a monitor: rules in force, the book of what fires, and what others ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::Result;
use crate::alert::{Active, Book, Change, RuleSet};
use crate::judge::Judgement;
use crate::series::Frame;
use crate::store::{Request, RequestRow};

/// Shared between the sampling thread and the callers.
#[derive(Debug, Default)]
pub(super) struct AlertDesk {
    book: Mutex<Book>,
    rules: ArcSwap<RuleSet>,
    /// What other processes ask, until the next sample.
    requests: Mutex<Vec<RequestRow>>,
}

impl AlertDesk {
    pub(super) fn lock_book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    pub(super) fn rules(&self) -> Arc<RuleSet> {
        self.rules.load_full()
    }

    pub(super) fn set_rules(&self, rules: RuleSet) {
        self.rules.store(Arc::new(rules));
    }

    /// Notes what other processes ask.
    pub(super) fn ask(&self, requests: Vec<RequestRow>) {
        lock(&self.requests).extend(requests);
    }

    /// What was asked since the last time.
    pub(super) fn take_requests(&self) -> Vec<RequestRow> {
        std::mem::take(&mut lock(&self.requests))
    }

    /// Does what a request asks of the book.
    pub(super) fn answer(&self, _request: &Request, _now: f64) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }

    /// Holds the rules against one sample.
    pub(super) fn evaluate(
        &self,
        unix_seconds: f64,
        frame: &Frame,
        judgement: &Judgement,
    ) -> (Vec<Change>, Active) {
        let mut book = self.lock_book();
        let changes = book.evaluate(&self.rules.load(), unix_seconds, frame, judgement);
        (changes, book.active())
    }

    /// What the book remembers, as bytes.
    pub(super) fn memory(&self) -> Result<Vec<u8>> {
        self.lock_book().memory()
    }

    /// Takes up what it remembered.
    pub(super) fn restore(&self, data: &[u8]) -> Result<()> {
        *self.lock_book() = Book::restored(data)?;
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
