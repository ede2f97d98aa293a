//! In what two tests differ.

/// What two tests can differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// How long they ran.
    Duration,
    /// The most VUs at once.
    Vus,
    /// What was to start, and when: executors, rates, VUs, stages, where plans tell.
    Load,
    /// The scenarios that ran.
    Scenarios,
    /// Which endpoints the requests went to.
    Mix,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Duration,
        Self::Vus,
        Self::Load,
        Self::Scenarios,
        Self::Mix,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Vus => "vus",
            Self::Load => "load",
            Self::Scenarios => "scenarios",
            Self::Mix => "mix",
        }
    }

    /// What it is called in a sentence.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Vus => "VUs",
            Self::Load => "load",
            Self::Scenarios => "scenarios",
            Self::Mix => "request mix",
        }
    }
}

/// Something in which the tests differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disparity {
    /// What, as `--allow` takes it: an aspect's key, or one of the environment.
    pub key: String,
    /// Both values, as a sentence.
    pub text: String,
    /// Whether nothing can be said of what changed. Other shares of requests can also be what a slower
    /// system leads to, and do not matter where endpoints are compared.
    pub decisive: bool,
}
