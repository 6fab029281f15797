//! What must not be shown by whoever writes messages. A message that quotes a value masks it here before it shortens it:
//! a secret that was cut is not found any more. Who knows the secrets of a task puts them up while its scripts and rules
//! are at work on the thread.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// Knows what must not be shown.
pub(crate) trait Mask {
    /// `text` without it; `None` if it holds nothing of it.
    fn mask(&self, text: &str) -> Option<String>;
}

thread_local! {
    /// What is put up on this thread. Nothing stays when its [`Masking`] is dropped.
    static MASKS: RefCell<Vec<Rc<dyn Mask>>> = const { RefCell::new(Vec::new()) };
}

/// While it lives, messages of this thread are masked.
pub(crate) struct Masking(Rc<dyn Mask>);

impl Masking {
    /// Puts `mask` up on this thread.
    pub(crate) fn new(mask: Rc<dyn Mask>) -> Self {
        MASKS.with_borrow_mut(|masks| masks.push(Rc::clone(&mask)));
        Self(mask)
    }
}

impl Drop for Masking {
    fn drop(&mut self) {
        MASKS.with_borrow_mut(|masks| {
            if let Some(at) = masks.iter().rposition(|mask| Rc::ptr_eq(mask, &self.0)) {
                masks.remove(at);
            }
        });
    }
}

/// `text` without what is put up on this thread. Whatever shortens, splits or escapes a text for a message does this first.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    MASKS.with_borrow(|masks| {
        masks.iter().fold(Cow::Borrowed(text), |text, mask| match mask.mask(&text) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        })
    })
}
