//! What a program tells the service manager that started it: systemd's `sd_notify`. Nobody is told where
//! there is none.
//!
//! The environment of the process names it (`NOTIFY_SOCKET`), so it is for `main` functions, as the rest
//! of [`main_loop`](crate::main_loop) is; servers inside another program tell nobody.

use std::time::Duration;

#[cfg(target_os = "linux")]
use sd_notify::NotifyState;

/// What can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State<'a> {
    /// It serves; the text says where.
    Ready(&'a str),
    /// It reads its files again; [`Ready`](Self::Ready) or [`Reloaded`](Self::Reloaded) follows.
    Reloading,
    /// It has read them.
    Reloaded,
    /// It ends.
    Stopping,
    /// It lives.
    Alive,
}

/// Tells it; that the service manager cannot be reached is no reason to end.
#[cfg(target_os = "linux")]
pub(crate) fn tell(state: State<'_>) {
    let now = NotifyState::monotonic_usec_now;
    let told = match state {
        State::Ready(text) => sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(text)]),
        State::Reloading => now().and_then(|now| sd_notify::notify(&[NotifyState::Reloading, now])),
        State::Reloaded => sd_notify::notify(&[NotifyState::Ready]),
        State::Stopping => {
            let text = NotifyState::Status("ending: clients are told, simulations end");
            sd_notify::notify(&[NotifyState::Stopping, text])
        }
        State::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = told {
        tracing::warn!(%error, ?state, "the service manager cannot be told");
    }
}

/// How often it wants to hear that the process lives, twice as often as it must; `None` if it does not.
#[cfg(target_os = "linux")]
pub(crate) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
        .map(|limit| limit / 2)
        .filter(|period| !period.is_zero())
}

/// There is none to tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tell(_: State<'_>) {}

/// There is none that could ask.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watchdog() -> Option<Duration> {
    None
}
