//! A task's data: its own values by slot, over the flow's defaults.

use std::sync::{Arc, LazyLock};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::name::{ByName, Name};
use crate::value::{Map, Type, Value, weight_of_map};

use super::rules::{Attribute, Invalid, InvalidInput, MAX_CHECK_STEPS, MAX_UNDECLARED, Rules};
use super::secret::{Hidden, Secrets};
use super::{MAX_TASK_BYTES, SECRET};

/// The attributes that a flow declares, in order. The position of an attribute is its slot.
#[derive(Debug, Default, PartialEq)]
pub struct AttributeSet {
    attributes: Vec<Attribute>,
    slots: ByName<usize>,
    /// Slots of those that must be given: required, without a default.
    wanted: Vec<usize>,
    /// Slots of those with a default.
    defaulted: Vec<usize>,
    /// Slots of those that hold a secret.
    secret: Vec<usize>,
    /// By slot, whether the type is all that the rules ask for.
    plain: Vec<bool>,
}

/// How many values are looked at one by one, rather than weighed, and up to which size each.
const MANY: usize = 64;
const LIGHT_BYTES: usize = 4096;

/// For how many values a task reserves room.
const FEW: usize = 4;

static NOTHING: Value = Value::Unit;
static EMPTY: LazyLock<Arc<AttributeSet>> = LazyLock::new(Arc::default);

impl AttributeSet {
    /// A set of `attributes`. If two share a name, lookups find the later one.
    pub fn new(attributes: Vec<Attribute>) -> Self {
        let slots = attributes.iter().enumerate().map(|(slot, a)| (a.name.clone(), slot)).collect();
        let among = |which: fn(&Attribute) -> bool| {
            attributes.iter().enumerate().filter(|(_, a)| which(a)).map(|(slot, _)| slot).collect()
        };
        let wanted = among(|a| a.rules.required && a.default.is_none());
        let defaulted = among(|a| a.default.is_some());
        let secret = among(|a| a.rules.holds_secret());
        let plain = attributes.iter().map(|a| a.rules.is_plain()).collect();
        Self { attributes, slots, wanted, defaulted, secret, plain }
    }

    /// The slot of the attribute called `name`.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.slots.get(name).copied()
    }

    /// The attribute in `slot`.
    pub fn get(&self, slot: usize) -> Option<&Attribute> {
        self.attributes.get(slot)
    }

    /// Whether any of them holds a secret.
    pub(crate) fn holds_secret(&self) -> bool {
        !self.secret.is_empty()
    }

    /// Whether `value` may stand in `slot` as it is, because no rule but the type asks for anything. False if only the
    /// rules can tell.
    pub(crate) fn takes_as_it_is(&self, slot: usize, value: &Value) -> bool {
        self.plain.get(slot) == Some(&true) && self.get(slot).is_some_and(|a| a.rules.is_of_type(value))
    }

    /// All attributes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Reads what was given at the start of a task, or to an interaction. Unknown names are refused, each value is read
    /// as its attribute's type and checked, and defaults (checked with the definition) fill what was not given. Reports
    /// everything that is wrong. The cost depends on what is given, not on the number of attributes.
    pub fn read(self: &Arc<Self>, given: &Map) -> Result<Attributes, InvalidInput> {
        // Room for values that handlers will set.
        let mut own = Vec::with_capacity(given.len().max(FEW).min(self.len()));
        let (mut invalid, mut undeclared) = (Vec::new(), 0_usize);
        for (name, value) in given {
            match self.slot(name) {
                Some(slot) => own.push((slot, value.clone())),
                None if undeclared < MAX_UNDECLARED => {
                    invalid.push(Invalid::unknown(name, self.iter().map(|a| a.name.as_str())));
                    undeclared = undeclared.saturating_add(1);
                }
                None => undeclared = undeclared.saturating_add(1),
            }
        }
        invalid.extend((undeclared > MAX_UNDECLARED).then(|| Invalid::many_unknown(undeclared)));
        // The value of a secret attribute may occur in one that is not secret.
        let _hidden = (!self.secret.is_empty()).then(|| {
            let hidden = Hidden::new(Secrets::default());
            let rules = |slot: &usize| self.get(*slot).map(|attribute| &attribute.rules);
            own.iter().for_each(|(slot, v)| rules(slot).into_iter().for_each(|rules| hidden.add_value(rules, v)));
            hidden
        });
        own.sort_unstable_by_key(|(slot, _)| *slot);
        let is_absent = |slot: &&usize| own.binary_search_by_key(*slot, |(s, _)| *s).is_err();
        let absent: Vec<usize> = self.wanted.iter().filter(is_absent).copied().collect();
        let mut wrong = Vec::new();
        if !is_surely_light(given) && weight_of_map(given, MAX_TASK_BYTES).is_none() {
            invalid.push(Invalid::too_heavy());
        }
        let steps = own.iter().fold(0_usize, |steps, (slot, value)| {
            let attribute = self.get(*slot).filter(|_| !self.takes_as_it_is(*slot, value));
            attribute.map_or(0, |attribute| attribute.rules.steps(value)).saturating_add(steps)
        });
        if steps > MAX_CHECK_STEPS {
            return Err(InvalidInput::from(Invalid::too_costly()));
        }
        for (slot, value) in &mut own {
            let Some(attribute) = self.get(*slot).filter(|_| !self.takes_as_it_is(*slot, value)) else { continue };
            let read = attribute.rules.read(value).and_then(|read| attribute.rules.check(&read).map(|()| read));
            match read {
                Ok(read) => *value = read,
                Err(_) => {
                    wrong.extend(attribute.rules.wrong_parts(value).into_iter().map(|why| (*slot, why.of(attribute))))
                }
            }
        }
        let attributes = Attributes { set: Arc::clone(self), own };
        wrong.extend(absent.into_iter().filter_map(|slot| Some((slot, attributes.check(slot).err()?))));
        wrong.sort_by_key(|(slot, _)| *slot);
        invalid.extend(wrong.into_iter().map(|(_, why)| why));
        InvalidInput::of(invalid).map_or(Ok(attributes), Err)
    }
}

/// Whether what is given is so little that it need not be weighed.
fn is_surely_light(given: &Map) -> bool {
    const { assert!(MANY * 2 * LIGHT_BYTES < MAX_TASK_BYTES) };
    given.len() <= MANY
        && given.iter().all(|(name, v)| name.len() <= LIGHT_BYTES / 8 && v.is_surely_within(LIGHT_BYTES))
}

/// Moves `values` into exactly the room they need and frees the old allocation. Shrinking in place would leave gaps of
/// odd sizes in the heap.
pub(crate) fn exact<T>(values: &mut Vec<T>) {
    if values.capacity() > values.len() {
        let mut moved = Vec::with_capacity(values.len());
        moved.append(values);
        *values = moved;
    }
}

/// The values of a task's attributes. A value that was never set is the flow's default.
#[derive(Clone)]
pub struct Attributes {
    set: Arc<AttributeSet>,
    /// Values that were set, by slot, in order of their slots.
    own: Vec<(usize, Value)>,
}

impl Attributes {
    /// All defaults.
    pub fn new(set: Arc<AttributeSet>) -> Self {
        Self { set, own: Vec::new() }
    }

    /// Values as a storage has read them: names and plain data, and the names of the secret ones. They print as they
    /// are; [`adopt`](Self::adopt) restores their types.
    pub fn from_stored(values: Map, secret: &[Name]) -> Self {
        if values.is_empty() && secret.is_empty() {
            return Self::default();
        }
        let mut attributes = Vec::with_capacity(values.len());
        let mut own = Vec::with_capacity(values.len());
        for (slot, (name, value)) in values.into_iter().enumerate() {
            let rules = Rules { kind: Type::Any, secret: secret.contains(&name), ..Rules::default() };
            attributes.push(Attribute { name, rules, default: None });
            own.push((slot, value));
        }
        Self { set: Arc::new(AttributeSet::new(attributes)), own }
    }

    /// The same values under the attributes of `set`, read as their types. Values of attributes that `set` does not
    /// have are dropped. Defaults fill neither absent values nor absent fields inside them. Rules are not checked,
    /// because a migration may still mend what breaks them.
    pub fn adopt(&self, set: &Arc<AttributeSet>) -> Result<Self, Invalid> {
        if Arc::ptr_eq(&self.set, set) {
            return Ok(self.clone());
        }
        let mut own = Vec::with_capacity(self.own.len());
        for (name, value, _) in self.iter() {
            let Some((slot, attribute)) = set.slot(name).and_then(|slot| Some((slot, set.get(slot)?))) else {
                continue;
            };
            own.push((slot, attribute.rules.restore(value).map_err(|why| why.of(attribute))?));
        }
        own.sort_unstable_by_key(|(slot, _)| *slot);
        let has = |slot: &usize| own.binary_search_by_key(slot, |(s, _)| *s).is_ok();
        let emptied: Vec<usize> = set.defaulted.iter().filter(|slot| !has(slot)).copied().collect();
        own.extend(emptied.into_iter().map(|slot| (slot, Value::Unit)));
        own.sort_unstable_by_key(|(slot, _)| *slot);
        Ok(Self { set: Arc::clone(set), own })
    }

    /// Approximate bytes of all values, defaults included. None if they exceed `most`.
    pub(crate) fn weight(&self, most: usize) -> Option<usize> {
        let mut left = most;
        for (name, value, _) in self.iter() {
            left = left.checked_sub(name.len())?;
            left -= value.weight(left)?;
        }
        Some(most - left)
    }

    /// The attributes there are.
    pub fn set_of(&self) -> &Arc<AttributeSet> {
        &self.set
    }

    /// The value in `slot`, `()` where there is none.
    pub fn get(&self, slot: usize) -> &Value {
        match self.place(slot) {
            Ok(at) => self.own.get(at).map_or(&NOTHING, |(_, value)| value),
            Err(_) => self.set.get(slot).and_then(|a| a.default.as_ref()).unwrap_or(&NOTHING),
        }
    }

    /// Where the value in `slot` is, or would be.
    fn place(&self, slot: usize) -> Result<usize, usize> {
        // Mostly all of the first attributes are set: then each is at its own number.
        match self.own.get(slot) {
            Some((own, _)) if *own == slot => Ok(slot),
            _ => self.own.binary_search_by_key(&slot, |(s, _)| *s),
        }
    }

    /// The slots that were set.
    #[cfg(test)]
    pub(super) fn own_slots(&self) -> Vec<usize> {
        self.own.iter().map(|(slot, _)| *slot).collect()
    }

    /// The value of the attribute called `name`.
    pub fn by_name(&self, name: &str) -> Option<&Value> {
        self.set.slot(name).map(|slot| self.get(slot))
    }

    /// Sets the value in `slot`, and returns the old one.
    pub fn set(&mut self, slot: usize, value: Value) -> Value {
        match self.place(slot) {
            Ok(at) => self.own.get_mut(at).map(|(_, old)| std::mem::replace(old, value)).unwrap_or_default(),
            Err(at) => {
                let old = self.get(slot).clone();
                self.own.insert(at, (slot, value));
                old
            }
        }
    }

    /// Frees the room reserved for more values.
    pub(crate) fn shrink_to_fit(&mut self) {
        exact(&mut self.own);
    }

    /// Converts the value that a handler left in `slot` to its type, and checks its rules. Untouched values need
    /// neither.
    pub fn settle(&mut self, slot: usize) -> Result<(), Invalid> {
        let (Some(attribute), Ok(at)) = (self.set.get(slot), self.place(slot)) else { return self.check(slot) };
        if let Some((_, value)) = self.own.get_mut(at)
            && !self.set.takes_as_it_is(slot, value)
        {
            *value = attribute.rules.settle(value).map_err(|why| why.of(attribute))?;
        }
        Ok(())
    }

    /// Checks the rules of every attribute.
    pub fn check_all(&self) -> Result<(), Invalid> {
        self.set.iter().enumerate().try_for_each(|(slot, _)| self.check(slot))
    }

    /// Checks the rules of the attribute in `slot`.
    pub fn check(&self, slot: usize) -> Result<(), Invalid> {
        match self.set.get(slot) {
            Some(attribute) => attribute.rules.check(self.get(slot)).map_err(|why| why.of(attribute)),
            None => Ok(()),
        }
    }

    /// Name, value and whether it is secret of every attribute that has a value, in order. An attribute with a secret
    /// inside counts as secret as a whole.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value, bool)> {
        self.set
            .iter()
            .enumerate()
            .map(|(slot, a)| (&a.name, self.get(slot), a.rules.holds_secret()))
            .filter(|(_, value, _)| !value.is_unit())
    }

    /// Rules and value of every attribute that holds a secret.
    pub(super) fn secret(&self) -> impl Iterator<Item = (&Rules, &Value)> {
        self.set.secret.iter().filter_map(|slot| Some((&self.set.get(*slot)?.rules, self.get(*slot))))
    }

    /// As printed: [`SECRET`] for each secret value, and wherever `secrets` occur in other values.
    pub(super) fn printed(&self, secrets: &Secrets) -> Self {
        let mut printed = self.clone();
        for (slot, attribute) in self.set.iter().enumerate() {
            let value = self.get(slot);
            if !value.is_unit() {
                let is_secret = attribute.rules.holds_secret();
                let shown = if is_secret { Value::text(SECRET) } else { secrets.value(value.clone()) };
                printed.set(slot, shown);
            }
        }
        printed
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self { set: Arc::clone(&EMPTY), own: Vec::new() }
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secrets = Secrets::of(self);
        f.debug_map()
            .entries(self.iter().map(|(name, value, secret)| {
                let shown = if secret { Value::text(SECRET) } else { secrets.value(value.clone()) };
                (name, shown)
            }))
            .finish()
    }
}

/// As a task is printed: [`SECRET`] for each secret value and wherever its text occurs; absent values are left out.
impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secrets = Secrets::of(self);
        let mut map = serializer.serialize_map(None)?;
        for (name, value, secret) in self.iter() {
            if secret {
                map.serialize_entry(name, SECRET)?;
            } else if secrets.is_empty() {
                map.serialize_entry(name, value)?;
            } else {
                map.serialize_entry(name, &secrets.value(value.clone()))?;
            }
        }
        map.end()
    }
}
