//! What a [`Notifier`] promises.

use std::time::Duration;

use super::wait::begin_and_drop;
use super::{Time, check_error, together, within};
use crate::id::InstanceId;
use crate::load::Load;
use crate::ports::{Notice, Notifier, PortError};

/// For delivering or queueing one notice.
const LIMIT: Duration = Duration::from_secs(30);

/// One notice of each kind, and one with all that a text can hold.
pub fn every_notice() -> Vec<Notice> {
    let server = || "host.example.org:2000".to_owned();
    let load = Load::FULL;
    let mut all = vec![Notice::WorkspaceLeft {
        instance: InstanceId(1),
        // A mail with this in its subject must not become two mails.
        reason: format!("\r\nBcc: all@example.org\0\u{202e}{}", "x".repeat(10_000)),
    }];
    // From each kind to the next, so that a new kind does not compile before it is here.
    let mut next = Some(Notice::ServerSilent {
        server: server(),
        reason: "no answer within 2 s".to_owned(),
    });
    while let Some(notice) = next {
        next = match &notice {
            Notice::ServerSilent { .. } => Some(Notice::ServerBack {
                server: server(),
                load,
            }),
            Notice::ServerBack { .. } => Some(Notice::ServerFull {
                server: server(),
                load,
            }),
            Notice::ServerFull { .. } => Some(Notice::ServerFree {
                server: server(),
                load,
            }),
            Notice::ServerFree { .. } => Some(Notice::InstanceStuck {
                instance: InstanceId(1),
            }),
            Notice::InstanceStuck { .. } => Some(Notice::WorkspaceLeft {
                instance: InstanceId(u64::MAX),
                reason: "permission denied".to_owned(),
            }),
            Notice::WorkspaceLeft { .. } => None,
        };
        all.push(notice);
    }
    all
}

/// Tries a notifier that can deliver: it accepts every kind of notice, one by one, all at the same
/// time, and after a future was dropped.
///
/// # Panics
/// With the promise that is broken.
pub async fn conforms(notifier: &dyn Notifier, time: &dyn Time) {
    for notice in every_notice() {
        let kind = format!("{notice:.80}");
        check(&kind, notify(notifier, time, notice).await);
    }
    let all = every_notice().into_iter();
    let all = together(all.map(|notice| notifier.notify(notice)).collect());
    let results = within(time, LIMIT, all).await;
    for result in results.expect("many notices at the same time are all taken") {
        check("one of many at the same time", result);
    }
    for notice in every_notice() {
        begin_and_drop(notifier.notify(notice)).await;
    }
    for notice in every_notice() {
        check(
            "one after some were dropped",
            notify(notifier, time, notice).await,
        );
    }
}

/// Tries a notifier that cannot deliver: it says so, each time, and does not hang.
///
/// # Panics
/// With the promise that is broken.
pub async fn fails_well(notifier: &dyn Notifier, time: &dyn Time) {
    for notice in every_notice() {
        match notify(notifier, time, notice).await {
            Ok(()) => panic!("a notice that cannot be delivered is an error, not a success"),
            Err(error) => check_error(&error, &[]),
        }
    }
}

async fn notify(notifier: &dyn Notifier, time: &dyn Time, notice: Notice) -> Result<(), PortError> {
    within(time, LIMIT, notifier.notify(notice))
        .await
        .unwrap_or_else(|| panic!("a notice is taken in time, but after {LIMIT:?} it was not"))
}

fn check(which: &str, result: Result<(), PortError>) {
    if let Err(error) = result {
        panic!("every notice is taken, but not this: {which}: {error}");
    }
}
