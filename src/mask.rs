//! Masking secrets in messages. A message that quotes a value must mask it here before shortening it: a secret that was
//! cut is not recognised any more. The secrets of a task are put in force on a thread while the task's scripts and
//! rules run there.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// Recognises texts that must not be shown.
pub(crate) trait Mask {
    /// `text`, masked; `None` if it contains nothing to mask.
    fn mask(&self, text: &str) -> Option<String>;
}

thread_local! {
    /// The masks in force on this thread. Dropping its [`Masking`] removes a mask.
    static MASKS: RefCell<Vec<Rc<dyn Mask>>> = const { RefCell::new(Vec::new()) };
}

/// A mask in force: while this lives, messages of this thread are masked.
pub(crate) struct Masking(Rc<dyn Mask>);

impl Masking {
    /// Puts `mask` in force on this thread.
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

/// `text`, masked by what is in force on this thread. Call this before shortening, splitting or escaping a text for a
/// message.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    MASKS.with_borrow(|masks| {
        masks.iter().fold(Cow::Borrowed(text), |text, mask| match mask.mask(&text) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        })
    })
}
