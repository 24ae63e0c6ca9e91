//! The loop: sleep, see what woke us, change the model, draw what changed.

use std::io::{self, Read, Stdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError};

use ratatui_core::terminal::Terminal;
use signal_hook::consts::SIGHUP;
use usm_core::Monitor;
use usm_core::event::{Event, EventData, EventKind, EventSet};

use super::clerk::Clerk;
use super::hand::Hand;
use super::input::Input;
use super::model::talk::News;
use super::model::{Model, Order};
use super::screen::Screen;
use super::terminal::{Modes, Murmur};
use super::view::{self, Look};
use super::wake::{Bell, Wake};
use crate::draw::Tone;
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;

/// How the dashboard was asked to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) interval: f64,
    pub(super) is_demo: bool,
    pub(super) has_mouse: bool,
    pub(super) look: Look,
}

pub(super) struct Dashboard {
    monitor: Arc<Monitor>,
    model: Model,
    look: Look,
    wake: Wake,
    news: Receiver<News>,
    clerk: Clerk,
    hand: Hand,
    modes: Modes,
    terminal: Terminal<Screen<Stdout>>,
    murmur: Murmur,
    input: Input,
}

/// Runs it until it is quit. The terminal is as before then, however it ends.
pub(super) fn run(monitor: Arc<Monitor>, global: &GlobalOptions, wanted: Wanted) -> Outcome {
    let wake = Wake::listen().map_err(|error| of_terminal("listening for signals", &error))?;
    let (tell, news) = channel();
    let subscription = subscribe(&monitor, tell.clone(), wake.bell())?;
    let clerk = Clerk::start(global, &monitor, tell.clone(), wake.bell());
    let clerk = clerk.map_err(|error| of_terminal("a thread", &error))?;
    let hand = start_hand(&monitor, wanted.is_demo, tell, wake.bell())?;
    monitor.start()?;
    let murmur = Murmur::default();
    let modes = Modes::enter(wanted.has_mouse, &murmur);
    let modes = modes.map_err(|error| of_terminal("entering raw mode", &error))?;
    let terminal = Terminal::new(Screen::new(io::stdout()));
    let mut dashboard = Dashboard {
        model: Model::new(wanted.interval, wanted.is_demo),
        look: wanted.look,
        terminal: terminal.map_err(|error| of_terminal("drawing", &error))?,
        monitor,
        wake,
        news,
        clerk,
        hand,
        modes,
        murmur,
        input: Input::default(),
    };
    let outcome = dashboard.go();
    dashboard.end(subscription, outcome)
}

/// Only that there is a new state is told: the newest is fetched when it is drawn. That there
/// is none, as sampling fails, is told with the reason.
fn subscribe(monitor: &Monitor, tell: Sender<News>, bell: Bell) -> Outcome<u64> {
    let kinds = [EventKind::StateUpdate, EventKind::SamplingFailed];
    let callback = Box::new(move |event: &Event| {
        if let EventData::Text(why) = &event.data {
            let text = format!("no sample can be taken: {why}");
            tell.send(News::Said(Err(text)))
                .map_err(|error| error.to_string())?;
        }
        bell.ring();
        Ok(())
    });
    Ok(monitor.subscribe(EventSet::from_iter(kinds), callback)?)
}

fn start_hand(
    monitor: &Arc<Monitor>,
    is_demo: bool,
    tell: Sender<News>,
    bell: Bell,
) -> Outcome<Hand> {
    Hand::start(monitor, is_demo, tell, bell).map_err(|error| of_terminal("a thread", &error))
}

fn of_terminal(what: &str, error: &io::Error) -> Failure {
    Failure::new(&format!("{what}: {error}"), None)
}

/// What a terminal that is gone answers.
fn is_cut_off(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
        || error.kind() == io::ErrorKind::BrokenPipe
}

/// Why the loop ended.
enum Ended {
    Quit,
    /// By a signal, or as the terminal is gone.
    Asked(i32),
}

impl Dashboard {
    fn go(&mut self) -> Outcome {
        let ended = match self.turns() {
            // Nobody is there any more to be told.
            Err(error) if is_cut_off(&error) => Ok(Ended::Asked(SIGHUP)),
            ended => ended,
        };
        match ended.map_err(|error| of_terminal("the terminal", &error))? {
            Ended::Quit => Ok(()),
            // As a shell reports it.
            Ended::Asked(signal) => Err(Failure::Shown(128 + signal)),
        }
    }

    fn turns(&mut self) -> io::Result<Ended> {
        loop {
            self.draw()?;
            let woken = self.wake.sleep(None)?;
            if let Some(signal) = woken.ending {
                return Ok(Ended::Asked(signal));
            }
            if woken.is_cut_off {
                return Ok(Ended::Asked(SIGHUP));
            }
            if woken.goes_on {
                self.enter_again()?;
            }
            if woken.has_keys && self.keys()? {
                return Ok(Ended::Quit);
            }
            self.listen();
            self.due();
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let (model, look) = (&self.model, self.look);
        let mut room = model.room;
        self.terminal
            .draw(|frame| room = view::draw(model, look, frame.buffer_mut()))?;
        if room != self.model.room {
            self.model.room = room;
            // A chart of the history asks for as many values as it can show.
            self.due();
        }
        Ok(())
    }

    /// Reads what was typed; whether that was to quit.
    fn keys(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 1024];
        let count = match io::stdin().lock().read(&mut bytes) {
            Ok(0) => return Ok(true),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        for key in self.input.keys(&bytes[..count]) {
            for order in self.model.press(key) {
                if self.follow(order)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Does what the model orders; whether that is to quit.
    fn follow(&mut self, order: Order) -> io::Result<bool> {
        match order {
            Order::Quit => return Ok(true),
            Order::Suspend => self.suspend()?,
            Order::Redraw => self.terminal.clear()?,
            Order::Pause(is_paused) => self.pause(is_paused),
            Order::Interval(seconds) => {
                let changed = self.monitor.reconfigure(|config| {
                    config.refresh_interval = seconds;
                    Ok(())
                });
                if let Err(error) = changed {
                    self.model.say(Tone::Bad, error.to_string());
                }
            }
            Order::Ask(question) => self.clerk.ask(question),
            Order::Act(task) => self.hand.give(task),
        }
        Ok(false)
    }

    /// While it is paused nothing is sampled.
    fn pause(&mut self, is_paused: bool) {
        let done = match is_paused {
            true => self.monitor.stop().map(drop),
            false => self.monitor.start().map(drop),
        };
        if let Err(error) = done {
            self.model.say(Tone::Bad, error.to_string());
        }
    }

    /// To the shell, and back when it goes on.
    fn suspend(&mut self) -> io::Result<()> {
        self.modes.end()?;
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        // Here it goes on.
        self.enter_again()
    }

    fn enter_again(&mut self) -> io::Result<()> {
        // Out of them first: the shell may have set the line's modes meanwhile.
        self.modes.end()?;
        self.modes.begin()?;
        self.terminal.clear()
    }

    /// Takes the newest state and whatever was answered.
    fn listen(&mut self) {
        let state = self.monitor.state();
        if state.sequence > 0 && !self.model.is_paused {
            self.model.hear(News::State(state));
        }
        while let Ok(news) = self.news.try_recv() {
            self.model.hear(news);
        }
        let murmured = self
            .murmur
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(text) = murmured {
            self.model.say(
                Tone::Bad,
                format!("a defect of usm, please report it: {text}"),
            );
        }
    }

    /// Asks for what is to be read now.
    fn due(&mut self) {
        for question in self.model.due() {
            self.clerk.ask(question);
        }
    }

    /// Everything ends in good order, the terminal first.
    fn end(self, subscription: u64, outcome: Outcome) -> Outcome {
        drop(self.modes);
        let stopped = self.monitor.stop().map(drop).map_err(Failure::from);
        let silent = self
            .monitor
            .unsubscribe(subscription)
            .map(drop)
            .map_err(Failure::from);
        drop(self.clerk);
        self.hand.end();
        outcome.and(stopped).and(silent)
    }
}
