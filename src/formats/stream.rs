//! Reading a stream with several threads, and its samples in the order of the file.
//!
//! A thread takes the next block from the input, while others wait for theirs or parse, and hands
//! over what it found when it is that block's turn. Blocks of a compressed stream are inflated by a
//! thread that does nothing else. Memory is bounded: a thread holds one block, and few are ahead.

use std::sync::mpsc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::blocks::{Block, Blocks, Cut, TOO_LONG};
use super::input::Input;
use super::known::{Known, Spelling};
use super::meter::Meter;
use super::sink::{Sink, StreamRead};
use crate::error::Result;
use crate::run::{MetricDeclaration, Skipped};
use crate::threads;

/// How many inflated blocks may wait.
const AHEAD: usize = 4;

/// Parses blocks of a format.
pub(super) trait Parser: Default + Send + Spelling {
    /// How the format is cut into blocks.
    type Cut: Cut;

    /// Parses a block of whole records.
    fn parse(
        &mut self,
        text: &[u8],
        context: &<Self::Cut as Cut>::Context,
        known: &mut Known,
        found: &mut Found,
    );
}

/// What was found in a block.
#[derive(Default)]
pub(super) struct Found {
    pub(super) series: Vec<u32>,
    pub(super) times: Vec<i64>,
    pub(super) values: Vec<f64>,
    /// Declarations of metrics, each with the number of samples before it.
    pub(super) declarations: Vec<(usize, MetricDeclaration)>,
    /// The number of lines.
    pub(super) lines: u64,
    /// What was not used; lines are counted within the block.
    pub(super) skipped: Skipped,
    /// Lines that are none of k6's stream, with their ends.
    pub(super) strays: Vec<u8>,
}

impl Found {
    /// Adds a sample, with the parser's number of its series.
    pub(super) fn sample(&mut self, series: u32, time: i64, value: f64) {
        self.series.push(series);
        self.times.push(time);
        self.values.push(value);
    }

    /// Adds a metric's declaration.
    pub(super) fn declaration(&mut self, declaration: MetricDeclaration) {
        self.declarations.push((self.series.len(), declaration));
    }

    /// Counts the last line as one that was not used; `ended` unless the stream ends within it.
    pub(super) fn skip(&mut self, ended: bool, reason: String) {
        if !ended {
            self.skipped.cut = Some("the last line is cut".to_owned());
        }
        self.skipped.add(self.lines, || reason);
    }

    fn clear(&mut self) {
        self.series.clear();
        self.times.clear();
        self.values.clear();
        self.declarations.clear();
        self.lines = 0;
        self.skipped = Skipped::default();
        self.strays.clear();
    }
}

/// Reads a stream to its end, or to where it is cut.
pub(super) fn read<P: Parser, S: Sink>(
    input: Input,
    sink: S,
    meter: &Meter,
) -> Result<StreamRead<S>> {
    let origin = input.format;
    let read = read_blocks::<P, S>(Blocks::of(input), sink, meter)?;
    Ok(StreamRead {
        sink: read.sink,
        skipped: read.skipped,
        origin,
        text: Some(read.text),
    })
}

/// Reads all blocks, and what of them was not used.
pub(super) fn read_blocks<P: Parser, S: Sink>(
    blocks: Blocks<P::Cut>,
    sink: S,
    meter: &Meter,
) -> Result<Assembly<S>> {
    let turns = Turns::new(Assembly {
        sink,
        lines: 0,
        text: 0,
        skipped: Skipped::default(),
    });
    let broken = if blocks.compressed() {
        inflate_ahead::<P, S>(blocks, &turns, meter)?
    } else {
        let blocks = Mutex::new(blocks);
        let workers = vec![(); threads::available()];
        let ended = threads::each(workers, |()| {
            work::<P, S>(|block| lock(&blocks).read(block), &turns, meter)
        });
        ended.into_iter().collect::<Result<()>>()?;
        let blocks = blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
        blocks.broken()
    };
    let mut assembly = turns.into_inner();
    if let Some(broken) = broken {
        assembly.skipped.cut = Some(broken);
    }
    Ok(assembly)
}

/// Inflates in a thread of its own, beside those that parse. Gives why the stream ended early.
fn inflate_ahead<P: Parser, S: Sink>(
    mut blocks: Blocks<P::Cut>,
    turns: &Turns<Assembly<S>>,
    meter: &Meter,
) -> Result<Option<String>> {
    std::thread::scope(|scope| {
        let (send, full) = mpsc::sync_channel(AHEAD);
        let (empty, used) = mpsc::channel();
        for _ in 0..=AHEAD {
            // Both ends are here.
            let _ = empty.send(Block::default());
        }
        let inflater = scope.spawn(move || {
            while let Ok(mut block) = used.recv() {
                if !blocks.read(&mut block)? || send.send(block).is_err() {
                    break;
                }
            }
            Ok(blocks.broken())
        });
        let full = Mutex::new(full);
        let workers = vec![empty; threads::available()];
        let ended = threads::each(workers, |empty| {
            let next = |block: &mut Block<_>| {
                let Ok(inflated) = lock(&full).recv() else {
                    return Ok(false);
                };
                // The inflater may have ended.
                let _ = empty.send(std::mem::replace(block, inflated));
                Ok(true)
            };
            work::<P, S>(next, turns, meter)
        });
        // An inflater whose blocks nobody takes ends.
        drop(full);
        let broken = inflater
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        ended.into_iter().collect::<Result<()>>()?;
        broken
    })
}

/// What one thread does until the stream ends. `next` reads a block.
fn work<P: Parser, S: Sink>(
    mut next: impl FnMut(&mut Block<<P::Cut as Cut>::Context>) -> Result<bool>,
    turns: &Turns<Assembly<S>>,
    meter: &Meter,
) -> Result<()> {
    let _watch = turns.watch();
    let mut parser = P::default();
    let mut known = Known::default();
    let mut block = Block::default();
    let mut found = Found::default();
    while next(&mut block)? {
        found.clear();
        known.forget_if_full();
        if block.too_long {
            found.lines += 1;
            found.skip(true, TOO_LONG.to_owned());
        } else {
            parser.parse(block.text(), &block.context, &mut known, &mut found);
        }
        meter.add_samples(found.series.len());
        let taken = turns.take(block.number, |assembly| {
            assembly.text += block.text().len() as u64;
            assembly.add(&mut found, &parser, &mut known)
        })?;
        if !taken {
            break;
        }
    }
    Ok(())
}

/// The stream as far as it is put together.
pub(super) struct Assembly<S> {
    pub(super) sink: S,
    lines: u64,
    /// The bytes of all blocks.
    text: u64,
    pub(super) skipped: Skipped,
}

impl<S: Sink> Assembly<S> {
    fn add(
        &mut self,
        found: &mut Found,
        spelling: &impl Spelling,
        known: &mut Known,
    ) -> Result<()> {
        let mut from = 0;
        for (until, declaration) in found.declarations.drain(..) {
            known.number(&mut found.series[from..until], spelling, &mut self.sink);
            self.sink.declare(declaration);
            from = until;
        }
        known.number(&mut found.series[from..], spelling, &mut self.sink);
        self.skipped.add_all(&found.skipped, self.lines);
        self.lines += found.lines;
        if !found.strays.is_empty() {
            self.sink.strays(&found.strays);
        }
        let Found {
            series,
            times,
            values,
            ..
        } = found;
        self.sink.append(series, times, values, &self.skipped)
    }
}

/// Something that threads change one after another, each when it is its turn.
struct Turns<T> {
    state: Mutex<Turn<T>>,
    changed: Condvar,
}

struct Turn<T> {
    next: usize,
    /// Whether a turn will never be taken.
    stopped: bool,
    inner: T,
}

impl<T> Turns<T> {
    fn new(inner: T) -> Self {
        Self {
            state: Mutex::new(Turn {
                next: 0,
                stopped: false,
                inner,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for the turn of this number, and takes it; `false` when it will never come.
    fn take(&self, number: usize, change: impl FnOnce(&mut T) -> Result<()>) -> Result<bool> {
        let waiting = |turn: &mut Turn<T>| turn.next != number && !turn.stopped;
        let mut turn = self
            .changed
            .wait_while(lock(&self.state), waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if turn.stopped {
            return Ok(false);
        }
        let changed = change(&mut turn.inner);
        turn.next += 1;
        turn.stopped = changed.is_err();
        self.changed.notify_all();
        changed.map(|()| true)
    }

    /// Lets nobody wait for a thread that ended in a panic.
    fn watch(&self) -> Watch<'_, T> {
        Watch(self)
    }

    fn into_inner(self) -> T {
        let turn = self.state.into_inner();
        turn.unwrap_or_else(PoisonError::into_inner).inner
    }
}

struct Watch<'a, T>(&'a Turns<T>);

impl<T> Drop for Watch<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).stopped = true;
            self.0.changed.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
