//! Where the values behind handles are: in slots that are never given back to the system, and
//! that a handle names by number. No handle is ever followed as a pointer, so whatever a
//! program passes as one, a freed one or a wild one, is looked up, and refused.
//!
//! Nothing here takes a lock: a thread that vanished in a fork() can't hold one in the child.
//! What such a thread leaves there is a count that never falls, and so a value that is never
//! dropped; it was the parent's.

use std::any::Any;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

/// Slots of the first chunk; each chunk has twice as many as the one before it.
const FIRST: usize = 256;

/// A handle is a number that looks like an aligned pointer of user space, so that it passes
/// through whatever tags or packs pointers: a bit that is always set, the generation of the
/// slot, its index, and three bits that are 0. On 64 bits it lies where no program has memory.
#[cfg(target_pointer_width = "64")]
mod number {
    pub(super) const CHUNKS: usize = 14;
    pub(super) const INDEX_BITS: u32 = 22;
    pub(super) const GENERATION_BITS: u32 = 21;
    pub(super) const MARK: usize = 1 << 46;
}
#[cfg(not(target_pointer_width = "64"))]
mod number {
    pub(super) const CHUNKS: usize = 8;
    pub(super) const INDEX_BITS: u32 = 16;
    pub(super) const GENERATION_BITS: u32 = 12;
    pub(super) const MARK: usize = 1 << 31;
}
use number::{CHUNKS, GENERATION_BITS, INDEX_BITS, MARK};
const INDEX_SHIFT: u32 = 3;
const GENERATION_SHIFT: u32 = INDEX_SHIFT + INDEX_BITS;
const GENERATIONS: u64 = 1 << GENERATION_BITS;
const _: () = assert!(first_of(CHUNKS) <= 1 << INDEX_BITS);

// The state of a slot: generation, phase and how many are inside, in one word, so that each
// step is one atomic operation.
const USER: u64 = 1;
const USERS: u64 = (1 << 30) - 1;
const PHASE: u64 = 3 << 30;
/// Nothing is in it.
const FREE: u64 = 0;
/// A value is being put in; nobody knows its handle yet.
const FILLING: u64 = 1 << 30;
/// The handle is good.
const ALIVE: u64 = 2 << 30;
/// The handle was freed, and who is still inside may finish.
const DEAD: u64 = 3 << 30;
const GENERATION: u32 = 32;

type Value = Box<dyn Any + Send + Sync>;

/// Aligned so that two handles in use by two threads share no cache line.
#[repr(align(64))]
struct Slot {
    state: AtomicU64,
    kind: AtomicU64,
    /// Written while FILLING by the one who reserved the slot, read while at least one is
    /// inside, taken by the one who leaves a DEAD one last.
    value: UnsafeCell<Option<Value>>,
}

// SAFETY: `state` says who may touch `value`, and what is in it is Send and Sync.
unsafe impl Sync for Slot {}

/// The slots of one copy of the library.
pub(crate) struct Arena {
    chunks: [AtomicPtr<Slot>; CHUNKS],
    /// Where the search for a free slot goes on: round and round, so that one that was freed
    /// just now is the last to be used again.
    cursor: AtomicUsize,
    taken: AtomicUsize,
}

/// All handles of this copy of the library.
pub(crate) static HANDLES: Arena = Arena::new();

impl Arena {
    const fn new() -> Arena {
        Arena {
            chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS],
            cursor: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
        }
    }

    /// Puts a value in, and gives the number of its handle; `None` when millions are in use.
    pub(crate) fn insert(&'static self, kind: u64, value: Value) -> Option<usize> {
        let (index, slot, generation) = self.reserve()?;
        // SAFETY: FILLING, by us.
        unsafe { *slot.value.get() = Some(value) };
        slot.kind.store(kind, Ordering::Relaxed);
        // Release: who sees it ALIVE sees the value.
        let alive = generation << GENERATION | ALIVE;
        slot.state.store(alive, Ordering::Release);
        Some(MARK | (generation as usize) << GENERATION_SHIFT | index << INDEX_SHIFT)
    }

    /// Goes into the slot of a handle; `None` unless it is alive and of the kind.
    pub(crate) fn enter(&'static self, handle: usize, kind: u64) -> Option<Seat> {
        self.step(handle, kind, ALIVE)
    }

    /// Ends a handle, once: from now on it is refused. `None` as for [`Arena::enter`].
    pub(crate) fn end(&'static self, handle: usize, kind: u64) -> Option<Seat> {
        self.step(handle, kind, DEAD)
    }

    /// How many handles are in use or not left by all yet.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Counts in, and moves to a phase, in one step.
    fn step(&'static self, handle: usize, kind: u64, phase: u64) -> Option<Seat> {
        let (index, generation) = parts(handle)?;
        let slot = self.slot(index)?;
        let mut state = slot.state.load(Ordering::Acquire);
        loop {
            let is_it = state >> GENERATION == generation && state & PHASE == ALIVE;
            // The kind belongs to this generation if the exchange below finds it unchanged.
            if !is_it || slot.kind.load(Ordering::Relaxed) != kind || state & USERS == USERS {
                return None;
            }
            let next = (state & !PHASE | phase) + USER;
            let order = (Ordering::Acquire, Ordering::Acquire);
            match slot
                .state
                .compare_exchange_weak(state, next, order.0, order.1)
            {
                Ok(_) => return Some(Seat { arena: self, slot }),
                Err(now) => state = now,
            }
        }
    }

    fn reserve(&'static self) -> Option<(usize, &'static Slot, u64)> {
        loop {
            let chunks = self.chunks_there();
            let capacity = first_of(chunks);
            // Half of them are free, so the search is short.
            if self.taken() * 2 >= capacity && chunks < CHUNKS {
                self.grow(chunks);
                continue;
            }
            for _ in 0..capacity {
                let index = self.cursor.fetch_add(1, Ordering::Relaxed) % capacity;
                if let Some(slot) = self.slot(index)
                    && let Some(generation) = slot.reserve()
                {
                    self.taken.fetch_add(1, Ordering::Relaxed);
                    return Some((index, slot, generation));
                }
            }
            if chunks == CHUNKS {
                return None;
            }
            self.grow(chunks);
        }
    }

    fn chunks_there(&self) -> usize {
        let is_there = |chunk: &&AtomicPtr<Slot>| !chunk.load(Ordering::Acquire).is_null();
        self.chunks.iter().take_while(is_there).count()
    }

    /// Adds a chunk, unless another thread does at the same time.
    fn grow(&'static self, chunk: usize) {
        let seed = self.seed();
        let slots: Box<[Slot]> = (0..FIRST << chunk).map(|_| Slot::new(seed)).collect();
        let slots = Box::into_raw(slots);
        let null = std::ptr::null_mut();
        let order = (Ordering::AcqRel, Ordering::Relaxed);
        let added =
            self.chunks[chunk].compare_exchange(null, slots.cast::<Slot>(), order.0, order.1);
        if added.is_err() {
            // SAFETY: made above, and nobody has seen it.
            drop(unsafe { Box::from_raw(slots) });
        }
    }

    /// Where the generations begin: elsewhere in each copy of the library and each process, so
    /// that a handle of another copy is not taken for one of ours.
    fn seed(&'static self) -> u64 {
        let place = std::ptr::from_ref(self).addr() as u64 >> 6;
        let process = u64::from(std::process::id());
        (place ^ process << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - GENERATION_BITS)
    }

    fn slot(&'static self, index: usize) -> Option<&'static Slot> {
        let chunk = (index / FIRST + 1).ilog2() as usize;
        let slots = NonNull::new(self.chunks.get(chunk)?.load(Ordering::Acquire))?;
        // SAFETY: the chunk has FIRST << chunk slots, `index` is one of them by the choice of
        // the chunk, and chunks are never freed.
        Some(unsafe { slots.add(index - first_of(chunk)).as_ref() })
    }
}

/// The index of the first slot of a chunk.
const fn first_of(chunk: usize) -> usize {
    FIRST * ((1 << chunk) - 1)
}

/// Index and generation, unless it is no handle at all.
fn parts(handle: usize) -> Option<(usize, u64)> {
    let index = handle >> INDEX_SHIFT & ((1 << INDEX_BITS) - 1);
    let generation = (handle & !MARK) >> GENERATION_SHIFT;
    let whole = MARK | generation << GENERATION_SHIFT | index << INDEX_SHIFT;
    (handle == whole && (generation as u64) < GENERATIONS).then_some((index, generation as u64))
}

impl Slot {
    fn new(generation: u64) -> Slot {
        Slot {
            state: AtomicU64::new(generation << GENERATION | FREE),
            kind: AtomicU64::new(0),
            value: UnsafeCell::new(None),
        }
    }

    /// Takes a free slot for a value to come, and gives its new generation.
    fn reserve(&self) -> Option<u64> {
        let state = self.state.load(Ordering::Relaxed);
        if state & PHASE != FREE {
            return None;
        }
        let generation = ((state >> GENERATION) + 1) % GENERATIONS;
        let next = generation << GENERATION | FILLING;
        // Acquire: who left it last has taken the value out.
        let order = (Ordering::Acquire, Ordering::Relaxed);
        let won = self.state.compare_exchange(state, next, order.0, order.1);
        won.ok().map(|_| generation)
    }
}

/// Being inside a slot: its value stays as long.
pub(crate) struct Seat {
    arena: &'static Arena,
    slot: &'static Slot,
}

impl Seat {
    /// The value, if it is of the type.
    pub(crate) fn value<T: 'static>(&self) -> Option<NonNull<T>> {
        // SAFETY: we are inside, so nobody changes it.
        let value = unsafe { &*self.slot.value.get() };
        value.as_ref()?.downcast_ref::<T>().map(NonNull::from)
    }

    /// Takes the value out of a handle that was ended, if nobody else is inside.
    pub(crate) fn take(&self) -> Option<Value> {
        let state = self.slot.state.load(Ordering::Acquire);
        if state & PHASE != DEAD || state & USERS != USER {
            return None;
        }
        // SAFETY: DEAD, so nobody comes in any more, and nobody is inside but us; Acquire
        // orders what those who left have done before this.
        unsafe { (*self.slot.value.get()).take() }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Release: what was done inside comes before; Acquire: the last one sees it all.
        let before = self.slot.state.fetch_sub(USER, Ordering::AcqRel);
        if before & PHASE != DEAD || before & USERS != USER {
            return;
        }
        // SAFETY: DEAD, so nobody comes in any more, and we were the last inside.
        let value = unsafe { (*self.slot.value.get()).take() };
        let free = before >> GENERATION << GENERATION | FREE;
        self.slot.state.store(free, Ordering::Release);
        self.arena.taken.fetch_sub(1, Ordering::Relaxed);
        // Last: it may take its time, call back, and free other handles.
        drop(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const KIND: u64 = 7;

    #[test]
    fn a_handle_is_refused_from_its_end_on_and_the_value_stays_for_who_is_inside() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        let value = Arc::new(5);
        let handle = arena.insert(KIND, Box::new(value.clone())).unwrap();
        assert!(arena.enter(handle, KIND + 1).is_none());
        let inside = arena.enter(handle, KIND).unwrap();
        let last = arena.end(handle, KIND).unwrap();
        assert!(arena.enter(handle, KIND).is_none());
        assert!(arena.end(handle, KIND).is_none());
        assert!(last.take().is_none(), "another is inside");
        drop(last);
        assert_eq!(Arc::strong_count(&value), 2);
        // SAFETY: we are inside.
        assert_eq!(**unsafe { inside.value::<Arc<i32>>().unwrap().as_ref() }, 5);
        assert!(inside.value::<i32>().is_none());
        drop(inside);
        assert_eq!((Arc::strong_count(&value), arena.taken()), (1, 0));
    }

    #[test]
    fn a_freed_handle_stays_refused_while_its_slot_is_used_again() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        let old = arena.insert(KIND, Box::new(())).unwrap();
        drop(arena.end(old, KIND));
        let mut numbers = vec![old];
        // Every slot is used several times.
        for _ in 0..3 * FIRST {
            let handle = arena.insert(KIND, Box::new(())).unwrap();
            assert!(arena.enter(old, KIND).is_none());
            drop(arena.end(handle, KIND));
            numbers.push(handle);
        }
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
        assert_eq!(arena.chunks_there(), 1, "no more memory than is needed");
    }

    #[test]
    fn more_handles_than_a_chunk_holds_are_all_found() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        let insert = |n: usize| arena.insert(KIND, Box::new(n)).unwrap();
        let handles: Vec<usize> = (0..5 * FIRST).map(insert).collect();
        for (n, handle) in handles.iter().enumerate() {
            let seat = arena.enter(*handle, KIND).unwrap();
            // SAFETY: we are inside.
            assert_eq!(*unsafe { seat.value::<usize>().unwrap().as_ref() }, n);
            // What is beside a handle is none.
            assert!(arena.enter(handle + 1, KIND).is_none());
            assert!(arena.enter(handle ^ MARK, KIND).is_none());
        }
        for wild in [0, 1, 8, MARK, usize::MAX, usize::MAX & !7, FIRST << 20] {
            assert!(arena.enter(wild, KIND).is_none(), "{wild:x}");
        }
    }

    #[test]
    fn threads_that_enter_and_end_the_same_handles_drop_each_value_once() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        let rounds = if cfg!(miri) { 20 } else { 2000 };
        for _ in 0..rounds {
            let value = Arc::new(());
            let handle = arena.insert(KIND, Box::new(value.clone())).unwrap();
            let ended: usize = std::thread::scope(|scope| {
                let one = || {
                    let seat = arena.enter(handle, KIND);
                    let value = seat.as_ref().and_then(Seat::value::<Arc<()>>);
                    // SAFETY: we are inside.
                    let counted = value.map(|value| Arc::strong_count(unsafe { value.as_ref() }));
                    assert_ne!(counted, Some(0));
                    let last = arena.end(handle, KIND);
                    drop(seat);
                    usize::from(last.is_some())
                };
                let threads: Vec<_> = (0..3).map(|_| scope.spawn(one)).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .sum()
            });
            assert_eq!((ended, Arc::strong_count(&value)), (1, 1));
        }
        assert_eq!(arena.taken(), 0);
    }
}
