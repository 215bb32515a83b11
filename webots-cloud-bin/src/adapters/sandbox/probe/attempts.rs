//! Every attempt, and what it must come to.

use serde::Serialize;

use super::answer::Answer;
use super::target::Target;
use super::{files, kernel, limits, network, privileges, processes};

/// What an attempt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Files and folders.
    Files,
    /// Other processes.
    Processes,
    /// Sockets.
    Network,
    /// Rights, and what only the administrator may do.
    Privileges,
    /// What an instance may use.
    Limits,
}

/// How much depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Must not be possible: a sandbox in which it is, is none.
    Must,
    /// Should not be possible; where it is, one wall of several is missing, and the log says so.
    Should,
    /// Must be possible: no simulation would run without.
    Needed,
    /// Must not be possible in a network of the instance's own; is in the machine's.
    Private,
}

/// Who knows what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// The probe itself.
    Probe,
    /// The judge, who looks afterwards whether anything arrived outside.
    Judge,
}

/// When it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At each start of a server, with all others of this kind in one instance.
    Together,
    /// When somebody asks for all: takes seconds, and an instance of its own that it may end.
    Alone,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) class: Class,
    pub(super) witness: Witness,
    pub(super) place: Place,
    pub(super) run: fn(&Target) -> Answer,
}

const fn attempt(
    family: Family,
    class: Class,
    name: &'static str,
    run: fn(&Target) -> Answer,
) -> Attempt {
    Attempt {
        name,
        family,
        class,
        witness: Witness::Probe,
        place: Place::Together,
        run,
    }
}

impl Attempt {
    const fn seen_by_judge(mut self) -> Self {
        self.witness = Witness::Judge;
        self
    }

    const fn alone(mut self) -> Self {
        self.place = Place::Alone;
        self
    }
}

use Class::{Must, Needed, Private, Should};
use Family::{Files, Limits, Network, Privileges, Processes};

pub(super) const WRITE_OUTSIDE: &str = "write outside its folder";
pub(super) const WRITE_EVERYBODYS: &str = "write a file that everybody may write";
pub(super) const SIGNAL: &str = "signal a process outside";
pub(super) const LINGER: &str = "leave a process behind";

#[rustfmt::skip]
pub(super) const ATTEMPTS: &[Attempt] = &[
    attempt(Files, Needed, "write its own folder", files::own_folder),
    attempt(Files, Needed, "run a program from its own folder", files::own_program),
    attempt(Files, Needed, "write a temporary file", files::temporary),
    attempt(Files, Must, "read a file of another instance", files::neighbour),
    attempt(Files, Must, "list other instances", files::instances),
    attempt(Files, Must, "look into hidden folders", files::hidden_folders),
    attempt(Files, Must, "read hidden files", files::hidden_files),
    attempt(Files, Must, "read the passwords of the system", files::passwords),
    attempt(Files, Must, "look into the server's home", files::home),
    attempt(Files, Must, WRITE_OUTSIDE, files::outside).seen_by_judge(),
    attempt(Files, Must, WRITE_EVERYBODYS, files::everybodys).seen_by_judge(),

    attempt(Processes, Must, "see a process outside", processes::see),
    attempt(Processes, Must, SIGNAL, processes::signal).seen_by_judge(),
    attempt(Processes, Must, "read the environment of a process outside", processes::environment),
    attempt(Processes, Should, "trace a process of its own", processes::trace),
    attempt(Processes, Must, LINGER, processes::linger).seen_by_judge().alone(),

    attempt(Network, Private, "connect to a port of the machine", network::port),
    attempt(Network, Private, "connect to an abstract socket", network::abstract_socket),
    attempt(Network, Private, "find a route out of the machine", network::route),
    attempt(Network, Must, "reach D-Bus or a container service", network::services),

    attempt(Privileges, Must, "have capabilities", privileges::capabilities),
    attempt(Privileges, Must, "gain rights from a setuid program", privileges::setuid),
    attempt(Privileges, Must, "start programs without no_new_privs", privileges::new_privileges),
    attempt(Privileges, Must, "use descriptors of the server", privileges::descriptors),
    attempt(Privileges, Should, "make system calls unfiltered", privileges::unfiltered),
    attempt(Privileges, Should, "make a user namespace", privileges::user_namespace),
    attempt(Privileges, Must, "mount", kernel::mount),
    attempt(Privileges, Must, "load a kernel module", kernel::module),
    attempt(Privileges, Must, "set the clock", kernel::clock),
    attempt(Privileges, Must, "set the host name", kernel::host_name),
    attempt(Privileges, Must, "change settings of the kernel", kernel::settings),
    attempt(Privileges, Should, "read the kernel log", kernel::log),
    attempt(Privileges, Should, "add a key to a keyring", kernel::keyring),
    attempt(Privileges, Must, "make a device", kernel::make_device),
    attempt(Privileges, Must, "open disks or memory", kernel::disks),
    attempt(Privileges, Must, "open the terminal", kernel::terminal),

    attempt(Limits, Should, "use too much memory in one process", limits::memory).alone(),
    attempt(Limits, Should, "use too much memory in several", limits::memory_of_several).alone(),
    attempt(Limits, Should, "start too many processes", limits::processes).alone(),
    attempt(Limits, Should, "open too many files", limits::open_files).alone(),
    attempt(Limits, Should, "write too large a file", limits::large_file).alone(),
    attempt(Limits, Should, "fill the disk with several files", limits::several_files).alone(),
    attempt(Limits, Should, "fill the disk with temporary files", limits::temporary_files).alone(),
    attempt(Limits, Should, "make too many files", limits::many_files).alone(),
];

pub(super) fn find(name: &str) -> Option<&'static Attempt> {
    ATTEMPTS.iter().find(|attempt| attempt.name == name)
}

pub(super) fn of(place: Place) -> impl Iterator<Item = &'static Attempt> {
    ATTEMPTS
        .iter()
        .filter(move |attempt| attempt.place == place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_every_family_has_one_that_must_not_be_possible() {
        for (at, attempt) in ATTEMPTS.iter().enumerate() {
            let first = ATTEMPTS.iter().position(|it| it.name == attempt.name);
            assert_eq!(first, Some(at), "{}", attempt.name);
        }
        for family in [Files, Processes, Network, Privileges] {
            let must = |it: &&Attempt| it.family == family && it.class == Must;
            assert!(ATTEMPTS.iter().any(|it| must(&it)), "{family:?}");
        }
    }

    #[test]
    fn only_the_quick_ones_decide_at_a_servers_start() {
        let slow = of(Place::Alone).filter(|it| it.family != Limits);
        let names: Vec<&str> = slow.map(|it| it.name).collect();
        assert_eq!(names, [LINGER]);
    }
}
