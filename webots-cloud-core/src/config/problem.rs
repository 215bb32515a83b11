use std::fmt;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, with a dot before a nested one, like `download.maxFiles`; empty if the file as a
    /// whole is meant.
    pub key: String,
    /// What is wrong; never a secret.
    pub wrong: String,
    /// What is allowed.
    pub allowed: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        write!(f, "{}; allowed: {}", self.wrong, self.allowed)
    }
}

/// All that is wrong with a configuration, at least one thing. `Display` prints a line for each,
/// and then one for each warning, with the name of the file before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    /// What to call the file; `configuration` if nobody said.
    pub file: String,
    /// The problems, in the order of their finding.
    pub problems: Vec<Problem>,
    /// What the operator should know besides, as in [`Checked`]: a misspelt key may be why another
    /// is missing.
    pub warnings: Vec<String>,
}

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>, warnings: Vec<String>) -> Self {
        Self {
            file: "configuration".to_owned(),
            problems,
            warnings,
        }
    }

    /// The same, for a file of this name.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}: {problem}", self.file)?;
        }
        for warning in &self.warnings {
            write!(f, "\n{}: warning: {warning}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// A configuration without problems.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<T> {
    /// The values, all of them usable.
    pub config: T,
    /// What the operator should know all the same, a sentence each.
    pub warnings: Vec<String>,
}
