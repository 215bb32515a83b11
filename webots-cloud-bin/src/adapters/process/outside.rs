//! The warden outside the sandbox: a child of the server, the parent of all that is the instance.

use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use rustix::process::{getpriority_process, setpriority_process, setsid};

use super::begin::{NOT_STARTED, begin, number};
use super::leader::Leader;
use super::link::{Inner, link};
use super::meter::Meter;
use super::plan::{Ask, Plan};
use super::relay::Relay;
use super::status::Status;
use super::watch::{Watch, tell};
use crate::platform::linux::descriptors::{Standard, close_inherited};

/// The highest priority of ordinary processes.
const FIRST: i32 = -20;

/// With a port in its plan it carries the connections of browsers in to the instance.
///
/// Standard input is the lifeline, standard output the control socket, standard error the pipe for
/// all that the instance prints. Exits with 0 if and only if no descendant is left.
pub(super) fn outside(arguments: &[OsString]) -> i32 {
    close_inherited();
    // Fails only for a group leader, as when somebody starts it from a shell.
    let _ = setsid();
    let usual = go_first();
    let [_name, plan, program, arguments @ ..] = arguments else {
        return NOT_STARTED;
    };
    let Some(plan) = Plan::read(plan) else {
        return NOT_STARTED;
    };
    let (Ok(signals), Ok(standard)) = (begin(), Standard::take()) else {
        return NOT_STARTED;
    };
    let Standard {
        input: lifeline,
        output: control,
        error: output,
    } = standard;
    // A server that stopped reading must not stop the warden.
    let _ = rustix::io::ioctl_fionbio(&control, true);
    let relayed = match plan.port.map(|port| relayed(port, &lifeline)).transpose() {
        Ok(relayed) => relayed,
        Err(error) => {
            tell(control.as_fd(), &Status::Failed(error.raw_os_error()));
            return NOT_STARTED;
        }
    };
    let (relay, link) = relayed.unzip();
    let stdin = match (link, plan.ask) {
        (Some(link), _) => OwnedFd::from(link).into(),
        // The one inside watches the same lifeline.
        (None, Ask::Nobody) => lifeline
            .try_clone()
            .map_or_else(|_| Stdio::null(), Stdio::from),
        (None, Ask::Leader | Ask::Everyone) => Stdio::null(),
    };
    let leader = Leader {
        program,
        arguments,
        priority: usual,
    };
    let leader = match leader.start(stdin, output, plan.cgroup.as_ref()) {
        Ok(leader) => leader,
        Err(error) => {
            tell(
                control.as_fd(),
                &Status::Failed(error.raw_os_error().unwrap_or(0)),
            );
            return NOT_STARTED;
        }
    };
    tell(control.as_fd(), &Status::Started(leader));
    // Not before: the sandbox ends with the thread that started it, which has to be this one.
    if let Some(relay) = relay {
        relay.spawn();
    }
    let own = number(std::process::id());
    // It starts a thread; the leader, which may want to end with its parent's, was started before.
    let meter = Meter::new(plan.limits, plan.workspace, plan.cgroup.clone(), own);
    let watch = Watch {
        leader,
        ask: plan.ask,
        signals,
        lifeline: Some(lifeline),
        control: Some(control),
        alone: false,
        codes_of_signals: plan.ask == Ask::Nobody,
        meter,
        cgroup: plan.cgroup,
    };
    watch.run();
    0
}

/// Takes the port, before anything is started, and makes the link.
fn relayed(port: u16, lifeline: &OwnedFd) -> rustix::io::Result<(Relay, Inner)> {
    let (outer, inner) = link()?;
    outer.send_lifeline(lifeline.as_fd())?;
    Ok((Relay::new(port, outer)?, inner))
}

/// An instance that multiplies must not keep its warden from the processor, which it hardly uses.
/// As far as this is allowed: to root it is. Answers with the priority that instances get.
fn go_first() -> i32 {
    let usual = getpriority_process(None).unwrap_or(0);
    let _ = setpriority_process(None, FIRST);
    // Where the kernel shares out the processor by sessions first: this one is the warden's alone.
    let _ = std::fs::write("/proc/self/autogroup", FIRST.to_string());
    usual
}
