//! A program's own types in and out of tasks, by serde.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::task::Task;
use crate::value::{InvalidValue, Map, Value};

/// The attributes, or the parameters of an interaction, that a struct or a map of the program holds. Dates, decimals and
/// durations are texts in it, as in JSON; the flow's attributes give them their types.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Order {
///     customer: String,
///     total: i64,
/// }
///
/// let order = Order { customer: "Ann".to_owned(), total: 3 };
/// let given = opsflow::request::attributes_of(&order)?;
/// assert_eq!(given, opsflow::attributes! { customer: "Ann", total: 3 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn attributes_of(given: &impl Serialize) -> Result<Map, InvalidValue> {
    // By way of a text, so that no digit of a number is lost.
    let text = serde_json::to_string(given).map_err(|why| InvalidValue::NoJson(why.to_string()))?;
    match Value::from_json_text(&text)? {
        Value::Map(map) => Ok(std::sync::Arc::unwrap_or_clone(map)),
        _ => Err(InvalidValue::NoJson("a struct or a map was expected".to_owned())),
    }
}

impl Task {
    /// The output as a type of the program. Dates, decimals and durations are texts in it, as in JSON.
    pub fn output_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.output.to_json_text())
    }
}
