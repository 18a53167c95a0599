//! How many bytes all of a kind take together, about: each part counts its own, and takes them back when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bytes of all parts.
#[derive(Clone, Default)]
pub(crate) struct MemoryUse(Arc<AtomicUsize>);

/// The bytes of one part.
pub(crate) struct PartOfMemory {
    all: MemoryUse,
    own: usize,
}

impl MemoryUse {
    pub fn part(&self) -> PartOfMemory {
        PartOfMemory { all: self.clone(), own: 0 }
    }

    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl PartOfMemory {
    pub fn add(&mut self, bytes: usize) {
        self.set(self.own.saturating_add(bytes));
    }

    pub fn set(&mut self, bytes: usize) {
        self.all.0.fetch_add(bytes, Ordering::Relaxed);
        self.all.0.fetch_sub(std::mem::replace(&mut self.own, bytes), Ordering::Relaxed);
    }
}

impl Drop for PartOfMemory {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.own, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_takes_its_bytes_back() {
        let all = MemoryUse::default();
        let (mut one, mut two) = (all.part(), all.part());
        one.add(3);
        two.add(4);
        two.add(1);
        assert_eq!(all.bytes(), 8);
        one.set(2);
        assert_eq!(all.bytes(), 7);
        drop(two);
        assert_eq!(all.bytes(), 2);
    }
}
