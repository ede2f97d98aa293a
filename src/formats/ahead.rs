//! Inflating beside everything else.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

/// What is inflated before it is handed over.
const CHUNK: usize = 1 << 18;

/// How many chunks may wait: enough that neither side waits for the other in vain.
const DEPTH: usize = 4;

/// Reads from a reader that works ahead in a thread of its own.
pub(super) struct Ahead {
    full: Receiver<io::Result<Vec<u8>>>,
    empty: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Ahead {
    pub(super) fn of(reader: Box<dyn Read + Send>) -> Self {
        let (send, full) = mpsc::sync_channel(DEPTH);
        let (empty, recycled) = mpsc::channel();
        for _ in 0..=DEPTH {
            // Both ends are here.
            let _ = empty.send(Vec::new());
        }
        // It ends with the reader, or when nobody reads any more.
        thread::spawn(move || work(reader, &recycled, &send));
        Self {
            full,
            empty,
            chunk: Vec::new(),
            at: 0,
        }
    }
}

fn work(
    mut reader: Box<dyn Read + Send>,
    recycled: &Receiver<Vec<u8>>,
    full: &SyncSender<io::Result<Vec<u8>>>,
) {
    while let Ok(mut chunk) = recycled.recv() {
        chunk.resize(CHUNK, 0);
        let (filled, error) = fill(&mut reader, &mut chunk);
        chunk.truncate(filled);
        let is_last = filled < CHUNK;
        if filled > 0 && full.send(Ok(chunk)).is_err() {
            return;
        }
        if let Some(error) = error {
            let _ = full.send(Err(error));
        }
        if is_last {
            return;
        }
    }
}

/// Reads until the chunk is full, or the reader ends or fails.
fn fill(reader: &mut impl Read, chunk: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while filled < chunk.len() {
        match reader.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            let Ok(chunk) = self.full.recv() else {
                return Ok(0);
            };
            let used = std::mem::replace(&mut self.chunk, chunk?);
            self.at = 0;
            // The thread may have ended.
            let _ = self.empty.send(used);
        }
        let rest = &self.chunk[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes, a few at a time, and then fails.
    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.min(buffer.len()).min(70_000);
            if n == 0 {
                return Err(io::Error::other("broken"));
            }
            for byte in &mut buffer[..n] {
                *byte = self.0.to_le_bytes()[0];
                self.0 -= 1;
            }
            Ok(n)
        }
    }

    #[test]
    fn everything_before_an_error_is_read_and_then_the_error() {
        for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 9 * CHUNK + 5] {
            let mut plain = Vec::new();
            Failing(bytes).read_to_end(&mut plain).unwrap_err();
            let mut ahead = Ahead::of(Box::new(Failing(bytes)));
            let mut read = Vec::new();
            let error = ahead.read_to_end(&mut read).unwrap_err();
            assert_eq!(error.to_string(), "broken");
            assert_eq!(read.len(), bytes);
            assert_eq!(read, plain);
            assert_eq!(ahead.read(&mut [0; 10]).unwrap(), 0, "the end");
        }
    }

    #[test]
    fn nobody_has_to_read_to_the_end() {
        let mut ahead = Ahead::of(Box::new(io::repeat(7)));
        let mut few = [0; 3];
        ahead.read_exact(&mut few).unwrap();
        assert_eq!(few, [7; 3]);
    }
}
