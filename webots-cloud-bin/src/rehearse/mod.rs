//! `webots-cloud rehearse`: a lesson before the students come. Clients that wait, sessions that arrive, and
//! a report of how it went.
//!
//! It asks nothing of the servers but `/`, `/session` and `/client`, so it rehearses with those of
//! other makes as well; `/metrics` is looked at where there is one.

mod arguments;
mod arrive;
mod figures;
mod page;
mod play;
pub mod plot;
mod report;
mod watch;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use arguments::Plan;
pub use arguments::RehearseArguments;
use report::Report;

use crate::client::ClientError;
use crate::main_loop::{FAILURE, Failed, Signals};

#[derive(Debug, Error)]
enum RehearseError {
    #[error("the session server {server} does not say whether there is room")]
    Server { server: String, source: ClientError },
    #[error("the session server {0} says that there is no room: nothing can be rehearsed now")]
    NoRoom(String),
    #[error("interrupted twice: not waited for the sessions' end")]
    Impatient,
    #[error("{file} cannot be written")]
    Write {
        file: String,
        source: std::io::Error,
    },
}

/// Rehearses, and prints the report; a signal ends the sessions early, a second one at once.
///
/// # Errors
/// The arguments are wrong, the session server does not answer or has no room, or a file of the report
/// cannot be written.
pub fn run(arguments: &RehearseArguments) -> Result<ExitCode, Failed> {
    let plan = Arc::new(arguments.plan()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::at_run_time(&error))?;
    let report = runtime.block_on(async {
        let mut signals = Signals::new().map_err(|error| Failed::at_run_time(&error))?;
        let interrupted = CancellationToken::new();
        let rehearsal = rehearse(&plan, &interrupted);
        tokio::pin!(rehearsal);
        let done = tokio::select! {
            done = &mut rehearsal => done,
            () = signals.end() => {
                interrupted.cancel();
                tokio::select! {
                    done = &mut rehearsal => done,
                    () = signals.end() => Err(RehearseError::Impatient),
                }
            }
        };
        done.map_err(|error| Failed::at_run_time(&error))
    })?;
    // Whoever closed standard output does not want to know.
    let _ = write!(std::io::stdout(), "{}", report.text());
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report);
        write(file, &json.map_err(|error| Failed::at_run_time(&error))?)?;
    }
    if let Some(file) = &arguments.html {
        write(file, &page::html(&report))?;
    }
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}

fn write(file: &Path, text: &str) -> Result<(), Failed> {
    std::fs::write(file, text).map_err(|source| {
        let file = file.display().to_string();
        Failed::at_run_time(&RehearseError::Write { file, source })
    })
}

async fn rehearse(
    plan: &Arc<Plan>,
    interrupted: &CancellationToken,
) -> Result<Report, RehearseError> {
    let room = watch::is_room(plan).await;
    let room = room.map_err(|source| RehearseError::Server {
        server: plan.server.clone(),
        source,
    })?;
    if !room {
        return Err(RehearseError::NoRoom(plan.server.clone()));
    }
    let (begun, over) = (Instant::now(), CancellationToken::new());
    let (ready, all_wait) = oneshot::channel();
    let clients = watch::all(Arc::clone(plan), begun, ready, over.clone());
    let sessions = async {
        tokio::select! {
            // An error is as good: then no client is left to be waited for.
            _ = all_wait => {}
            () = interrupted.cancelled() => {}
        }
        let sessions = arrive::all(plan, begun, interrupted).await;
        over.cancel();
        sessions
    };
    let (availability, figures, sessions) =
        tokio::join!(clients, figures::all(plan, begun, &over), sessions);
    Ok(Report {
        server: plan.server.clone(),
        rate: plan.rate,
        interrupted: interrupted.is_cancelled(),
        seconds: begun.elapsed().as_secs_f64(),
        sessions,
        availability,
        processes: figures,
    })
}
