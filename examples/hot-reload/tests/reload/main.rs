//! Real libraries, which are compiled here: loaded, asked, swapped and unloaded.

mod faulty;
mod library;
mod plugins;
mod service;
