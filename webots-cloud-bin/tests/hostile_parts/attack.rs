//! What an attack is, and what is expected of it in each sandbox.

/// Where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confinement {
    Bubblewrap,
    Firejail,
    None,
}

impl Confinement {
    /// As in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bubblewrap => "bubblewrap",
            Self::Firejail => "firejail",
            Self::None => "none",
        }
    }

    /// The program that it needs.
    pub(crate) const fn program(self) -> Option<&'static str> {
        match self {
            Self::Bubblewrap => Some("/usr/bin/bwrap"),
            Self::Firejail => Some("/usr/bin/firejail"),
            Self::None => None,
        }
    }
}

/// What is expected of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// By what.
    Stopped(&'static str),
    /// It gets what it wants, and why that is so.
    Reached(&'static str),
    /// It gets what it wants where the server runs as root; else it is a matter of the machine.
    ReachedByRoot,
    /// Either is right: it is a matter of the machine.
    Depends(&'static str),
    /// Nothing would stop it, and the machine that runs the test would suffer.
    NotTried,
}

/// How it is known what came of it. That the neighbour's session goes on, that the server answers,
/// that no process, no workspace, nothing in the log and nothing outside is left, is looked at after
/// every attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    /// The program says whether it reached what it wanted.
    Program,
    /// The program says that it got no more, or the client is told of a limit with one of these
    /// words.
    Limit(&'static [&'static str]),
    /// It is reached if what is looked at after every attack is not as it should be.
    Outside,
}

/// What the test does when the program has done its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    /// The session has to end by itself, and the client has to be told.
    Ends,
    /// Nobody may answer on the port that the program was to listen on.
    Connects,
    /// The client asks for the original of the controller.
    Resets,
    /// The server must not have grown, and the session goes on.
    Weighs,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attack {
    /// Its program in `hostile_controllers`, without the ending.
    pub(crate) program: &'static str,
    /// What it tries, for the page.
    pub(crate) tries: &'static str,
    pub(crate) judge: Judge,
    pub(crate) then: Then,
    pub(crate) bubblewrap: Outcome,
    pub(crate) firejail: Outcome,
    pub(crate) none: Outcome,
}

impl Attack {
    const fn new(program: &'static str, tries: &'static str, judge: Judge) -> Self {
        Self {
            program,
            tries,
            judge,
            then: Then::Nothing,
            bubblewrap: Outcome::NotTried,
            firejail: Outcome::NotTried,
            none: Outcome::NotTried,
        }
    }

    /// Judged by the program itself.
    pub(crate) const fn program(program: &'static str, tries: &'static str) -> Self {
        Self::new(program, tries, Judge::Program)
    }

    /// Judged by the limit that it meets.
    pub(crate) const fn limit(
        program: &'static str,
        tries: &'static str,
        words: &'static [&'static str],
    ) -> Self {
        Self::new(program, tries, Judge::Limit(words))
    }

    /// Judged by what is seen from outside.
    pub(crate) const fn outside(program: &'static str, tries: &'static str) -> Self {
        Self::new(program, tries, Judge::Outside)
    }

    pub(crate) const fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }

    /// In both sandboxes.
    pub(crate) const fn confined(self, by: &'static str) -> Self {
        Self {
            bubblewrap: Outcome::Stopped(by),
            firejail: Outcome::Stopped(by),
            ..self
        }
    }

    pub(crate) const fn firejail(self, outcome: Outcome) -> Self {
        Self {
            firejail: outcome,
            ..self
        }
    }

    pub(crate) const fn bubblewrap(self, outcome: Outcome) -> Self {
        Self {
            bubblewrap: outcome,
            ..self
        }
    }

    pub(crate) const fn none(self, outcome: Outcome) -> Self {
        Self {
            none: outcome,
            ..self
        }
    }

    /// Without a sandbox too.
    pub(crate) const fn everywhere(self, by: &'static str) -> Self {
        self.confined(by).none(Outcome::Stopped(by))
    }

    pub(crate) const fn expected(&self, confinement: Confinement) -> Outcome {
        match confinement {
            Confinement::Bubblewrap => self.bubblewrap,
            Confinement::Firejail => self.firejail,
            Confinement::None => self.none,
        }
    }
}
