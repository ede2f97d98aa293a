//! The forms in which a result can be had, and where they go: one to stdout or a file, and as many
//! more beside it as are asked for.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::output::{OutputArgs, write_whole};
use crate::error::{Error, Result};

/// The file to which a step of GitHub's workflows adds what its page shows.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// What to write, and where.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Choose the form of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,

    /// Write this as well, such as junit=out.xml; may be given several times
    #[arg(long, value_name = "FORMAT=FILE")]
    report: Vec<Report>,

    #[command(flatten)]
    output: OutputArgs,
}

/// The forms of a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For the terminal
    #[default]
    Text,
    /// The versioned document that schemas/ describes
    Json,
    /// A sentence, a small table and folded details, for a pull request or a ticket
    Markdown,
    /// A row for everything
    Csv,
    /// JUnit XML: a case for every threshold, check, limit and row that decides
    Junit,
    /// OpenMetrics, for Prometheus and GitLab
    Openmetrics,
    /// Annotations of GitHub's workflow runs, and the step's summary
    Github,
}

/// A result in a form, and its file.
#[derive(Debug, Clone)]
struct Report {
    format: Format,
    file: PathBuf,
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or("write it like junit=out.xml")?;
        let known = Format::value_variants();
        let names = known.iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        let format = Format::from_str(format, false).map_err(|_| {
            let meant = crate::nearest::nearest(format, names.iter().map(String::as_str));
            let meant = meant.map(|meant| format!("is it {meant}? "));
            format!(
                "{}a format is {}",
                meant.unwrap_or_default(),
                names.join(", ")
            )
        })?;
        Ok(Self {
            format,
            file: PathBuf::from(file),
        })
    }
}

/// Writes a result in a form; text within the width of a terminal, where one shows it.
pub(super) type Render<'a> = dyn Fn(Format, Option<usize>, &mut dyn Write) -> io::Result<()> + 'a;

impl ReportArgs {
    /// Whether somebody sees the text on a terminal, with all there is to know of the runs.
    pub(super) fn tells_a_terminal(&self) -> bool {
        self.format == Format::Text && self.output.is_stdout() && io::stdout().is_terminal()
    }

    /// Writes a result in every form that is asked for.
    pub(super) fn write(&self, render: &Render<'_>) -> Result<()> {
        let to_stdout = |report: &&Report| report.file.as_os_str() == "-";
        let wanted = self.report.iter().filter(to_stdout);
        let wanted: Vec<&Report> = wanted.filter(|r| r.format != Format::Github).collect();
        let rivals = wanted.len() + usize::from(self.output.is_stdout());
        if let (Some(_), 2..) = (wanted.first(), rivals) {
            return Err(Error::usage(
                "two reports would be mixed on stdout",
                "send the main one elsewhere (-o FILE), or use --format alone",
            ));
        }
        if self.format == Format::Text {
            self.output
                .write_text(|out, width| render(Format::Text, width, out))?;
        } else {
            self.output
                .write_document(|out| render(self.format, None, out))?;
        }
        for report in &self.report {
            let file = OutputArgs::to(&report.file);
            // A file has no colours.
            if report.format == Format::Text {
                file.write_text(|out, width| render(Format::Text, width, out))?;
            } else {
                file.write_document(|out| render(report.format, None, out))?;
            }
        }
        let formats = self.report.iter().map(|report| report.format);
        if formats
            .chain([self.format])
            .any(|format| format == Format::Github)
        {
            add_to_step_summary(render)?;
        }
        Ok(())
    }
}

/// Adds the result to the page of the step, where there is one. What earlier commands of the step
/// wrote stays.
fn add_to_step_summary(render: &Render<'_>) -> Result<()> {
    let Some(path) = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let mut markdown = Vec::new();
    render(Format::Markdown, None, &mut markdown)?;
    let path = Path::new(&path);
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let written = opened.and_then(|mut file| file.write_all(&markdown));
    written.map_err(|error| Error::write(path, error))
}

/// Writes a file whole, or to stdout where it is `-`.
pub(super) fn write_file(path: &Path, contents: &[u8]) -> Result<()> {
    if path.as_os_str() == "-" {
        super::output::write_stdout(contents)
    } else {
        write_whole(path, contents)
    }
}
