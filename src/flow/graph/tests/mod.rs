mod build;
mod layout;
mod path;
mod samples;
mod simplex;
mod writers;
mod xml;
