//! What scripts give, change and may not do.

mod world;

mod bounds;
pub(crate) mod changes;
mod direct;
mod documented;
mod fuzz;
mod language;
mod outside;
mod properties;
mod rhai;
mod speed;
mod values;
mod writes;
