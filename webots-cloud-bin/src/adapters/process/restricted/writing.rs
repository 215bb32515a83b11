//! Where instances may write, as the kernel's Landlock sees to it: a second wall behind the one that the
//! sandbox builds of mounts, and the only one for what firejail leaves open for root (`/` and `/run`).

use std::io;

use landlock::{
    ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    Scope, path_beneath_rules,
};

/// What is asked for; an older kernel does as much of it as it knows, one without Landlock nothing.
const NEWEST: ABI = ABI::V6;

/// Lets this process, and all that it will start, write below `folders` only, and connect to no
/// abstract socket of others. Folders that are not there are left out.
pub(super) fn only_below(folders: &[String]) -> io::Result<()> {
    let writing = AccessFs::from_write(NEWEST);
    let confine = || -> Result<(), RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(writing)?
            .scope(Scope::AbstractUnixSocket)?
            .create()?
            .add_rules(path_beneath_rules(folders, writing))?
            .restrict_self()?;
        Ok(())
    };
    confine().map_err(io::Error::other)
}
