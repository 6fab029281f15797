mod build;
mod layout;
mod measure;
mod path;
mod samples;
mod simplex;
mod writers;
mod xml;
