//! Does what a patch says.

use std::sync::Arc;

use crate::value::Value;

use super::Operation;

/// What `operations` make of `old`; none if they do not fit.
pub(in crate::task) fn apply(operations: &[Operation], mut old: Value) -> Option<Value> {
    operations.iter().try_for_each(|operation| operation.apply(&mut old))?;
    Some(old)
}

impl Operation {
    /// Does it to `value`; none if it does not fit.
    fn apply(&self, value: &mut Value) -> Option<()> {
        let mut tokens: Vec<String> = self.path().split('/').skip(1).map(unescaped).collect();
        if let Self::Splice { at, remove, insert, .. } = self {
            let place = inside(value, &tokens)?;
            let Value::Text(text) = place else { return None };
            let mut chars = text.chars();
            let mut next: String = chars.by_ref().take(*at).collect();
            next.push_str(insert);
            next.extend(chars.skip(*remove));
            *place = Value::from(next);
            return Some(());
        }
        let Some(last) = tokens.pop() else {
            *value = match self {
                Self::Add { value, .. } | Self::Replace { value, .. } => value.clone(),
                _ => Value::Unit,
            };
            return Some(());
        };
        match inside(value, &tokens)? {
            Value::List(items) => self.in_list(Arc::make_mut(items), &last),
            Value::Map(map) => {
                let map = Arc::make_mut(map);
                match self {
                    Self::Add { value, .. } => drop(map.insert(last.into(), value.clone())),
                    Self::Replace { value, .. } => *map.get_mut(last.as_str())? = value.clone(),
                    _ => drop(map.remove(last.as_str())?),
                }
                Some(())
            }
            _ => None,
        }
    }

    fn in_list(&self, items: &mut Vec<Value>, token: &str) -> Option<()> {
        let at: usize = token.parse().ok()?;
        match self {
            Self::Add { value, .. } if at <= items.len() => items.insert(at, value.clone()),
            Self::Replace { value, .. } => *items.get_mut(at)? = value.clone(),
            Self::Remove { .. } if at < items.len() => drop(items.remove(at)),
            _ => return None,
        }
        Some(())
    }
}

/// The part of `value` to which the tokens lead.
fn inside<'v>(value: &'v mut Value, tokens: &[String]) -> Option<&'v mut Value> {
    tokens.iter().try_fold(value, |value, token| match value {
        Value::List(items) => Arc::make_mut(items).get_mut(token.parse::<usize>().ok()?),
        Value::Map(map) => Arc::make_mut(map).get_mut(token.as_str()),
        _ => None,
    })
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
