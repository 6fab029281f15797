//! A macro for maps of attributes.

/// Makes a [`Map`](crate::Map) of names and whatever converts into a [`Value`](crate::Value).
///
/// ```
/// use opsflow::{Value, attributes};
///
/// let given = attributes! { date: "2026-11-21", guests: ["Ann", "Bob"], drinks: 12, place: attributes! { roof: true } };
/// assert_eq!(given["drinks"], Value::Integer(12));
/// assert!(attributes! {}.is_empty());
/// ```
#[macro_export]
macro_rules! attributes {
    ($($name:ident : $value:expr),* $(,)?) => {
        <$crate::Map as ::core::iter::FromIterator<_>>::from_iter([
            $((<$crate::Name as ::core::convert::From<&str>>::from(::core::stringify!($name)), $crate::Value::from($value)),)*
        ] as [($crate::Name, $crate::Value); _])
    };
}
