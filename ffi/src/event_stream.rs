//! Events for a program that fetches them on a thread of its own, in place of callbacks.

use std::time::Duration;

use usm_core::{Error, EventSet, EventStream};

use crate::event::{Seen, usm_event};
use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer, take};
use crate::monitor::{in_own_process, timeout, usm_monitor};
use crate::status::usm_status;

/// Events of a monitor that wait to be fetched. Made by usm_monitor_events(), ended by
/// usm_event_stream_free(). Any number of threads may fetch from it; each event goes to one.
pub struct usm_event_stream {
    _opaque: (),
}

impl Opaque for usm_event_stream {
    type Value = Stream;
    const MAGIC: u64 = 0x7573_6d20_6573_7472;
    const NAME: &'static str = "usm_event_stream";
}

/// The stream, and whose it is.
pub(crate) struct Stream {
    events: EventStream,
    owner: u32,
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The monitor lets go of it at its next event.
        self.events.close();
    }
}

/// Subscribes to events of a monitor that are fetched by usm_event_stream_next(). They wait in
/// a queue ("event_queue_size"); from a full one the oldest is dropped and counted.
///
/// - kinds_mask: bits USM_EVENT_BIT(USM_EVENT_...), or USM_EVENTS_ALL; not 0.
/// - stream: takes the handle, to be ended by usm_event_stream_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_events(
    monitor: *mut usm_monitor,
    kinds_mask: u32,
    stream: *mut *mut usm_event_stream,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let stream = unsafe { out_pointer(stream, "stream")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        if kinds_mask == 0 {
            return Err(Error::invalid("kinds_mask", 0, "at least one bit").into());
        }
        *stream = new_handle(Stream {
            events: monitor.stream(EventSet::from_bits(kinds_mask))?,
            owner: std::process::id(),
        })?;
        Ok(())
    })
}

/// Fetches the next event, and waits for it.
///
/// - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
/// - event: takes the event, to be ended by usm_event_free().
///
/// Returns: USM_OK; USM_ERR_TIMED_OUT; USM_ERR_INVALID_STATE when no event comes any more, since
/// the monitor or the stream was freed; USM_ERR_INVALID_ARGUMENT for a timeout that is negative
/// or NaN; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_stream_next(
    stream: *mut usm_event_stream,
    timeout_seconds: f64,
    event: *mut *mut usm_event,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let event = unsafe { out_pointer(event, "event")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let stream = unsafe { at(stream)? };
        let patience: Duration = timeout(timeout_seconds)?;
        match stream.events.next(Some(patience)) {
            Some(next) => {
                *event = new_handle(Seen::of(&next))?;
                Ok(())
            }
            None if stream.events.is_closed() => {
                Err(Error::InvalidState("the monitor or the stream was freed".into()).into())
            }
            None => Err(Error::TimedOut {
                what: "an event".into(),
                seconds: timeout_seconds,
            }
            .into()),
        }
    })
}

/// Tells how many events were dropped since nobody fetched them in time.
///
/// - dropped: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_stream_dropped(
    stream: *const usm_event_stream,
    dropped: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let stream = unsafe { at(stream)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(dropped, "dropped")? }.write(stream.events.dropped());
        Ok(())
    })
}

/// Ends a stream; a thread that waits in usm_event_stream_next() gets USM_ERR_INVALID_STATE.
/// Events that were fetched stay.
///
/// - stream: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_stream_free(stream: *mut *mut usm_event_stream) {
    guard_value((), || {
        // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
        if let Some(stream) = unsafe { take(stream, "stream")? } {
            stream.events.close();
        }
        Ok(())
    });
}

/// Ends an event that was fetched, with its texts and the findings that it lent.
///
/// - event: address of the handle, which is set to NULL; NULL and a NULL handle are fine. An
///   event that a callback was shown ends by itself.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_free(event: *mut *mut usm_event) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(event, "event") });
}

/// The stream behind a handle, unless it is the parent's.
///
/// # Safety
/// As for [`open`].
unsafe fn at(stream: *const usm_event_stream) -> Result<Held<Stream>, Failure> {
    // SAFETY: by this function's contract.
    let stream = unsafe { open(stream, "stream")? };
    match stream.owner == std::process::id() {
        true => Ok(stream),
        false => Err(Error::Forked {
            owner: stream.owner,
        }
        .into()),
    }
}
