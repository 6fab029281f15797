//! Types as other languages write them, with what to write here.

use crate::value::Type;

/// The type meant by a common name.
pub(super) fn named(text: &str) -> Option<Type> {
    if let Some(kind) = Type::ALL.into_iter().find(|kind| kind.name() == text) {
        return Some(kind);
    }
    Some(match text.to_ascii_lowercase().as_str() {
        "text" | "str" | "string" | "varchar" | "uuid" | "email" | "url" => Type::String,
        "int" | "long" | "integer" => Type::Integer,
        "bool" | "boolean" => Type::Boolean,
        "double" | "real" | "float" => Type::Float,
        "array" | "set" | "list" => Type::List,
        "object" | "hash" | "dict" | "record" | "map" | "json" => Type::Map,
        "time" | "timestamp" | "datetime" => Type::Datetime,
        "money" | "decimal" | "currency" => Type::Decimal,
        "day" | "date" => Type::Date,
        _ => return None,
    })
}

/// What to write in place of a type that is none.
pub(super) fn cure(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(item) = item_of(text) {
        return Some(match named(item) {
            Some(kind) => format!("write `{{ type: list, items: {kind} }}`"),
            None => "write `{ type: list, items: … }`".to_owned(),
        });
    }
    if text.starts_with("map<") || text.starts_with("dict[") || text.starts_with("Record<") {
        return Some("write `map`; fields that are known are declared: `{ type: map, fields: { … } }`".to_owned());
    }
    if text.starts_with("enum") {
        return Some("write `{ type: string, one_of: [one, another] }`".to_owned());
    }
    let is_optional = |word: &str| matches!(word, "optional" | "nullable" | "null");
    let is_required = |word: &str| matches!(word, "required" | "mandatory" | "not null");
    let words: Vec<&str> = match text.split_once([',', '|']) {
        Some(_) => text.split([',', '|']).map(str::trim).collect(),
        None => text.splitn(2, ' ').collect(),
    };
    if let [first, second] = words.as_slice()
        && let Some((kind, rule)) = named(first).map(|kind| (kind, second)).or_else(|| Some((named(second)?, first)))
    {
        if is_required(rule) {
            return Some(format!("write `{{ type: {kind}, required: true }}`"));
        }
        if is_optional(rule) {
            return Some(optional(kind));
        }
    }
    if let Some(kind) = words.as_slice().iter().rev().find_map(|kind| named(kind)).filter(|_| words.len() > 1) {
        return Some(match text.contains('|') {
            true => "write `any`: an attribute has one type, or any".to_owned(),
            false => format!("write its rules as a map: `{{ type: {kind}, … }}`"),
        });
    }
    if let Some(kind) = text.strip_suffix('?').and_then(named) {
        return Some(optional(kind));
    }
    if let Some(kind) = text.strip_suffix('!').and_then(named) {
        return Some(format!("write `{{ type: {kind}, required: true }}`"));
    }
    match text {
        "number" | "numeric" | "num" | "Number" => Some(
            "write `integer` for whole numbers, `decimal` for money and other exact ones, `float` for measured ones"
                .to_owned(),
        ),
        _ => named(text).map(|kind| format!("did you mean `{kind}`?")),
    }
}

fn optional(kind: Type) -> String {
    format!("write `{kind}`: an attribute is optional unless it has `required: true`")
}

/// The type of the items in `string[]`, `list<string>`, `list of strings`.
fn item_of(text: &str) -> Option<&str> {
    if let Some(item) = text.strip_suffix("[]") {
        return Some(item.trim());
    }
    let open = text.find(['<', '[', '(', ' '])?;
    let (kind, rest) = text.split_at(open);
    if named(kind) != Some(Type::List) {
        return None;
    }
    if let Some(items) = rest.strip_prefix(" of ") {
        return Some(items.strip_suffix('s').unwrap_or(items).trim());
    }
    let closed = rest.get(1..)?.strip_suffix(['>', ']', ')'])?;
    Some(closed.trim())
}

#[cfg(test)]
mod tests {
    use super::cure;

    #[test]
    fn types_of_other_languages_are_answered() {
        for (text, meant) in [
            ("string[]", Some("write `{ type: list, items: string }`")),
            ("list<string>", Some("write `{ type: list, items: string }`")),
            ("Array<int>", Some("write `{ type: list, items: integer }`")),
            ("list of dates", Some("write `{ type: list, items: date }`")),
            ("list(Customer)", Some("write `{ type: list, items: … }`")),
            ("decimal, required", Some("write `{ type: decimal, required: true }`")),
            ("required string", Some("write `{ type: string, required: true }`")),
            ("decimal, min 0", Some("write its rules as a map: `{ type: decimal, … }`")),
            ("string | null", Some("write `string`: an attribute is optional unless it has `required: true`")),
            ("string | integer", Some("write `any`: an attribute has one type, or any")),
            ("date?", Some("write `date`: an attribute is optional unless it has `required: true`")),
            (
                "map<string, integer>",
                Some("write `map`; fields that are known are declared: `{ type: map, fields: { … } }`"),
            ),
            ("array", Some("did you mean `list`?")),
            ("customer", None),
            ("big customer", None),
        ] {
            assert_eq!(cure(text).as_deref(), meant, "{text}");
        }
    }
}
