//! What each key does, and what the foot and the help tell of it.

#[cfg(test)]
mod tests;

use usm_core::alert::Alert;

use super::input::Key;
use super::model::dialog::Dialog;
use super::model::processes::Sort;
use super::model::talk::{Deed, Question};
use super::model::{Model, Order, View};
use crate::draw::Tone;
use crate::found::Past as Finding;

/// Intervals between two states, seconds.
const INTERVALS: [f64; 8] = [0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0];

/// For how long an alert is silenced, seconds.
const SILENT_SECONDS: f64 = 3600.0;

/// Entries that the wheel goes on by.
const WHEEL: isize = 3;

/// A key and what it does, as the foot and the help show it.
pub(super) type Hint = (&'static str, &'static str);

/// In every view.
pub(super) const EVERYWHERE: [Hint; 10] = [
    ("1–6 Tab", "views"),
    ("↑ ↓", "choose"),
    ("PgUp PgDn", "a page on"),
    ("Home End", "first, last"),
    ("Space", "pause"),
    ("+ −", "interval"),
    ("Ctrl-L", "draw anew"),
    ("Ctrl-Z", "to the shell"),
    ("?", "help"),
    ("q", "quit"),
];

const OF_OVERVIEW: [Hint; 2] = [("c m i p n t", "sort"), ("r", "reverse")];

const OF_PROCESSES: [Hint; 11] = [
    ("/", "filter"),
    ("Enter", "details"),
    ("k", "end"),
    ("z", "suspend"),
    ("g", "go on"),
    ("l", "lower"),
    ("u", "undo"),
    ("T", "tree"),
    ("c m i p n t", "sort"),
    ("r", "reverse"),
    ("Esc", "no filter"),
];

const OF_ALERTS: [Hint; 2] = [("a", "acknowledge"), ("s", "silence 1 h")];

const OF_HISTORY: [Hint; 4] = [
    ("/", "find"),
    ("← →", "move"),
    ("+ −", "zoom"),
    ("e", "live"),
];

/// Those of a view alone.
pub(super) fn hints(view: View) -> &'static [Hint] {
    match view {
        View::Overview => &OF_OVERVIEW,
        View::Processes => &OF_PROCESSES,
        View::Alerts => &OF_ALERTS,
        View::History => &OF_HISTORY,
        View::Forecasts | View::Findings => &[],
    }
}

impl Model {
    /// What a key asks for.
    pub(super) fn press(&mut self, key: Key) -> Vec<Order> {
        self.notice = None;
        match key {
            Key::Control('c') => return vec![Order::Quit],
            Key::Control('z') => return vec![Order::Suspend],
            Key::Control('l') => return vec![Order::Redraw],
            _ => {}
        }
        if self.has_help {
            self.has_help = false;
            return Vec::new();
        }
        if let Some(dialog) = self.dialog.take() {
            return self.press_in_dialog(dialog, key);
        }
        if self.is_typing {
            self.type_filter(key);
            return Vec::new();
        }
        match key {
            Key::Tab => self.show_next(1),
            Key::BackTab => self.show_next(View::ALL.len() - 1),
            Key::Char('q') => return vec![Order::Quit],
            Key::Char('?' | 'h') => self.has_help = true,
            Key::Char(digit @ '1'..='6') => {
                let at = (digit as usize).saturating_sub('1' as usize);
                self.show(View::ALL[at]);
            }
            Key::Char(' ') => {
                self.is_paused = !self.is_paused;
                return vec![Order::Pause(self.is_paused)];
            }
            Key::Char('+' | '=' | '-') if self.view != View::History => {
                return self.change_interval(key == Key::Char('-'));
            }
            Key::Click(column, row) => self.click(column, row),
            key => return self.press_in_view(key),
        }
        Vec::new()
    }

    fn press_in_dialog(&mut self, mut dialog: Dialog, key: Key) -> Vec<Order> {
        let answer = match key {
            Key::Char(letter) => dialog.letter(letter),
            Key::Enter => dialog.enter(),
            Key::Backspace => {
                dialog.backspace();
                super::model::dialog::Answer::Open
            }
            Key::Escape => super::model::dialog::Answer::Close,
            _ => super::model::dialog::Answer::Open,
        };
        self.dialog = Some(dialog);
        self.answered(answer)
    }

    fn type_filter(&mut self, key: Key) {
        let filter = match self.view {
            View::History => &mut self.past.filter,
            _ => &mut self.processes.filter,
        };
        match key {
            Key::Char(letter) => filter.push(letter),
            Key::Backspace if filter.is_empty() => self.is_typing = false,
            Key::Backspace => filter.pop(),
            Key::Control('u') => filter.clear(),
            Key::Escape => {
                filter.clear();
                self.is_typing = false;
            }
            Key::Enter => self.is_typing = false,
            Key::Up | Key::Down | Key::PageUp | Key::PageDown => {
                self.go(key);
                return;
            }
            _ => return,
        }
        match self.view {
            View::History => self.past.find(),
            _ => self.arrange(),
        }
    }

    fn change_interval(&mut self, is_shorter: bool) -> Vec<Order> {
        let now = self.interval;
        let to = match is_shorter {
            true => INTERVALS
                .iter()
                .rev()
                .find(|seconds| **seconds < now - 1e-9),
            false => INTERVALS.iter().find(|seconds| **seconds > now + 1e-9),
        };
        let Some(to) = to else { return Vec::new() };
        self.interval = *to;
        vec![Order::Interval(*to)]
    }

    /// A tab at the top, or an entry of the processes.
    fn click(&mut self, column: u16, row: u16) {
        if row == 1 {
            let mut start = 0;
            for (at, view) in View::ALL.into_iter().enumerate() {
                let width = super::view::tab_width(self, at, view);
                if (start..start + width).contains(&usize::from(column)) {
                    self.show(view);
                    return;
                }
                start += width;
            }
        }
        if self.view == View::Processes
            && let Some(line) = usize::from(row).checked_sub(super::view::FIRST_PROCESS)
            && line < self.room.rows
        {
            let all = self.processes.rows.len();
            let first = self.processes.place.first_of(self.room.rows, all);
            let by = (first + line) as isize - self.processes.place.at as isize;
            if first + line < all {
                self.go_by(by);
            }
        }
    }

    fn press_in_view(&mut self, key: Key) -> Vec<Order> {
        match self.view {
            View::Overview | View::Processes => {
                if let Key::Char(letter) = key
                    && self.sort_key(letter)
                {
                    self.arrange();
                    return Vec::new();
                }
                if self.view == View::Processes {
                    return self.press_in_processes(key);
                }
                if key == Key::Enter {
                    self.show(View::Processes);
                }
            }
            View::Alerts => return self.press_in_alerts(key),
            View::History => {
                self.press_in_history(key);
                return Vec::new();
            }
            View::Forecasts | View::Findings => {}
        }
        self.go(key);
        Vec::new()
    }

    fn sort_key(&mut self, letter: char) -> bool {
        let sort = match letter {
            'c' => Sort::Cpu,
            'm' => Sort::Memory,
            'i' => Sort::Io,
            'p' => Sort::Pid,
            'n' => Sort::Name,
            't' => Sort::Time,
            'r' => {
                self.processes.is_reversed = !self.processes.is_reversed;
                return true;
            }
            _ => return false,
        };
        self.processes.sort_by(sort);
        true
    }

    fn press_in_processes(&mut self, key: Key) -> Vec<Order> {
        match key {
            Key::Char('/') => self.is_typing = true,
            Key::Char('T') => {
                self.processes.is_tree = !self.processes.is_tree;
                self.arrange();
            }
            Key::Enter => self.processes.has_details = !self.processes.has_details,
            Key::Escape => {
                self.processes.filter.clear();
                self.arrange();
            }
            Key::Char('l') => return self.begin(Deed::Lower),
            Key::Char('z') => return self.begin(Deed::Suspend),
            Key::Char('k') | Key::Delete => return self.begin(Deed::End),
            Key::Char('g') => return self.go_on(),
            Key::Char('u') => self.ask_undo(),
            key => self.go(key),
        }
        Vec::new()
    }

    fn press_in_alerts(&mut self, key: Key) -> Vec<Order> {
        let listed = self.alerts_listed();
        let chosen = listed.get(self.alerts.at);
        // One that does not fire yet has no number.
        let fires = |alert: &&Finding<Alert>| {
            alert.row.closed_at.is_none() && alert.value.fired_at.is_some()
        };
        let lasting = chosen.filter(fires);
        match (key, lasting) {
            (Key::Char('a'), Some(alert)) => {
                return vec![Order::Ask(Question::Acknowledge(alert.value.id))];
            }
            (Key::Char('s'), Some(alert)) => {
                let alert = &alert.value;
                self.dialog = Some(Dialog::Silence {
                    what: format!("{} on {}", alert.rule, alert.series),
                    question: Question::Silence {
                        rule: alert.rule.clone(),
                        labels: alert.series.labels.clone(),
                        seconds: SILENT_SECONDS,
                    },
                });
            }
            (Key::Char('a' | 's'), None) => {
                self.say(Tone::Plain, "no alert that fires is chosen".into());
            }
            (key, _) => self.go(key),
        }
        Vec::new()
    }

    fn press_in_history(&mut self, key: Key) {
        let now = self.state.timestamp;
        match key {
            Key::Char('/') => self.is_typing = true,
            Key::Left => self.past.move_by(-1.0, now),
            Key::Right => self.past.move_by(1.0, now),
            Key::Char('+' | '=') => self.past.zoom(-1),
            Key::Char('-') => self.past.zoom(1),
            Key::Char('e') => self.past.go_live(),
            Key::Escape => {
                self.past.filter.clear();
                self.past.find();
            }
            key => self.go(key),
        }
    }

    /// On by an entry, a page, or to an end.
    fn go(&mut self, key: Key) {
        let page = self.room.rows.max(2) as isize - 1;
        self.go_by(match key {
            Key::Up => -1,
            Key::Down => 1,
            Key::PageUp => -page,
            Key::PageDown => page,
            Key::WheelUp => -WHEEL,
            Key::WheelDown => WHEEL,
            Key::Home => isize::MIN,
            Key::End => isize::MAX,
            _ => return,
        });
    }

    fn go_by(&mut self, by: isize) {
        match self.view {
            View::Overview => {}
            View::Processes => {
                let state = self.state.clone();
                let sample = state.sample.as_deref();
                let list = sample.map_or(&[][..], |sample| &sample.processes.list);
                self.processes.go(by, list);
            }
            View::Alerts => {
                let all = self.alerts_listed().len();
                self.alerts.go(by, all);
            }
            View::Forecasts => {
                let all = self.forecasts.series().len();
                self.forecasts.place.go(by, all);
            }
            View::History => {
                let all = self.past.metrics().len();
                self.past.place.go(by, all);
            }
            View::Findings => {
                let most = self.room.most_scroll;
                self.scroll = self.scroll.min(most).saturating_add_signed(by).min(most);
            }
        }
    }
}
