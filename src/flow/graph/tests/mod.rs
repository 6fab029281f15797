mod layout;
mod samples;
mod writers;
