//! Which part of the runs is looked at.

use clap::Args;

use crate::run::{Moment, Selection};

/// A window of time, scenarios, tags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selecting (needs the stream)")]
pub(super) struct SelectArgs {
    #[command(flatten)]
    part: PartArgs,

    /// Take this scenario of the script; may be given several times
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
}

/// A window of time, tags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selecting (needs the stream)")]
pub(super) struct PartArgs {
    /// Take what came from then on: after 30s, or at 2026-11-23T08:50:18Z
    #[arg(long, value_name = "MOMENT")]
    from: Option<Moment>,

    /// Take what came before
    #[arg(long, value_name = "MOMENT")]
    until: Option<Moment>,

    /// Leave out the beginning, such as 30s
    #[arg(long, value_name = "DURATION", value_parser = offset, conflicts_with = "from")]
    skip: Option<Moment>,

    /// Leave out what `setup()` and `teardown()` did
    #[arg(long)]
    exclude_setup: bool,

    /// Take samples with these tags, such as `status=200,name=GET /items/:id`
    #[arg(long = "where", value_name = "TAG=VALUE", value_parser = Selection::parse_tags)]
    tags: Vec<Vec<(String, String)>>,
}

fn offset(text: &str) -> Result<Moment, String> {
    match text.parse()? {
        moment @ Moment::After(_) => Ok(moment),
        Moment::At(_) => Err("it is a duration, such as 30s; --from takes a time".to_owned()),
    }
}

impl PartArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            from: self.from.or(self.skip),
            until: self.until,
            exclude_setup: self.exclude_setup,
            scenarios: Vec::new(),
            tags: self.tags.concat(),
        }
    }
}

impl SelectArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            scenarios: self.scenario.clone(),
            ..self.part.selection()
        }
    }
}
