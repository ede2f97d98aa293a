//! What holds for packed files.

mod damage;
mod round_trip;
