//! Places in the file, for errors of a running task.

use crate::diagnostic::Span;
use crate::expression::ScriptPlace;
use crate::task::At;

use super::{Flow, PlacedScript, StateId};

impl Flow {
    /// The place in the file of a place in one of its scripts, or in its functions.
    pub fn place(&self, script: &PlacedScript, at: ScriptPlace) -> At {
        let scalar = if at.in_functions { self.functions.as_ref().unwrap_or(&script.scalar) } else { &script.scalar };
        self.place_of(scalar.locate(&self.source, at.at))
    }

    /// The place of a state's name.
    pub fn place_of_state(&self, id: StateId) -> At {
        self.place_of(self.states.get(id).map(|state| state.span).unwrap_or_default())
    }

    /// The place at which `span` begins.
    pub fn place_of(&self, span: Span) -> At {
        let position = self.source.position(span.start);
        At { file: self.source.name().into(), line: position.line, column: position.column }
    }
}
