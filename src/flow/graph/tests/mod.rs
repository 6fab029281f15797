mod build;
mod layout;
mod path;
mod simplex;
mod samples;
mod writers;
mod xml;
