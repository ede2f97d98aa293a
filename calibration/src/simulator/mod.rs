//! Simulated runs with known truth.
//!
//! With no change put in, every alarm is false; with a slowdown put in, the share of alarms is a
//! rule's power.

pub mod change;
pub mod noise;
pub mod request;
pub mod simulate;
pub mod workload;

mod bursts;
mod drift;
mod environment;
mod failures;
mod server;
mod streams;
mod wander;
