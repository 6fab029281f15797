mod build;
mod layout;
mod path;
mod samples;
mod writers;
mod xml;
