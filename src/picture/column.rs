//! A list with a value for every index, so that arithmetic on indexes needs no error handling.

use std::ops::{Index, IndexMut};

/// Values by index. An index past the end reads the default, and writes nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Column<T> {
    values: Vec<T>,
    spare: T,
}

impl<T: Clone + Default> Column<T> {
    /// `count` defaults.
    pub(super) fn new(count: usize) -> Self {
        Self { values: vec![T::default(); count], spare: T::default() }
    }

    /// Adds a value and returns its index.
    pub(super) fn push(&mut self, value: T) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.values.iter_mut()
    }
}

impl<T> From<Vec<T>> for Column<T>
where
    T: Default,
{
    fn from(values: Vec<T>) -> Self {
        Self { values, spare: T::default() }
    }
}

impl<T> Index<usize> for Column<T> {
    type Output = T;
    fn index(&self, at: usize) -> &T {
        self.values.get(at).unwrap_or(&self.spare)
    }
}

impl<T> IndexMut<usize> for Column<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        self.values.get_mut(at).unwrap_or(&mut self.spare)
    }
}
