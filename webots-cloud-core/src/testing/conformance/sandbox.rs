//! What a [`Sandbox`] promises.

use super::check_error;
use crate::ports::{CommandLine, Confined, Confinement, PortError, Sandbox};

/// What strangers would like a sandbox to take for more than data.
pub const HOSTILE: &[&str] = &[
    "two words",
    " ",
    "",
    "it's",
    "\"quoted\"",
    "$(id)",
    "`id`",
    "${HOME}",
    "a;id",
    "a|b&c>d<e",
    "*?[a]",
    "back\\slash\\",
    "%s%n",
    "--",
    "-",
    "--help",
    "--noprofile",
    "~root",
    "#",
    "=",
    "ключ 🤖",
    "two\nlines",
    "a\ttab",
];

/// Tries a sandbox. `accepted` is a confinement that it confines; `host` is the environment of
/// this process, names and values, of which nothing may get into an instance.
///
/// # Panics
/// With the promise that is broken.
pub fn conforms(sandbox: &dyn Sandbox, accepted: &Confinement, host: &[(String, String)]) {
    let name = sandbox.name().to_owned();
    assert!(
        !name.is_empty() && !name.chars().any(char::is_control),
        "a sandbox has a name that can be shown, not {name:?}"
    );
    confine(sandbox, accepted, host)
        .unwrap_or_else(|error| panic!("{name} confines what it accepts, but: {error}"));
    for hostile in HOSTILE {
        // One that it cannot pass on unharmed it may refuse, but only if no file has such a name.
        let may_refuse = hostile.chars().any(char::is_control);
        for confinement in with_hostile(accepted, hostile) {
            match confine(sandbox, &confinement, host) {
                Ok(()) => {}
                Err(error) if may_refuse => check_error(&error, &[]),
                Err(error) => panic!("{name} passes on {hostile:?} as it is, but refuses: {error}"),
            }
        }
    }
    assert_eq!(sandbox.name(), name, "a sandbox's name is always the same");
}

/// The confinement with a hostile text as an argument, and as the value of a variable.
fn with_hostile(accepted: &Confinement, hostile: &str) -> [Confinement; 3] {
    let [mut middle, mut last, mut variable] = [(); 3].map(|()| accepted.clone());
    middle.command.arguments.insert(0, hostile.to_owned());
    last.command.arguments.push(hostile.to_owned());
    let named = ("CONFORMANCE".to_owned(), hostile.to_owned());
    variable.command.environment.push(named);
    [middle, last, variable]
}

/// Confines, and checks what can be said of any confined command line.
fn confine(
    sandbox: &dyn Sandbox,
    confinement: &Confinement,
    host: &[(String, String)],
) -> Result<(), PortError> {
    let name = sandbox.name();
    let before = sandbox.confine(confinement.clone());
    let mut other = confinement.clone();
    other.instance.0 += 1;
    other.command.arguments.push("another".to_owned());
    let _ = sandbox.confine(other);
    let after = sandbox.confine(confinement.clone());
    assert_eq!(
        before, after,
        "a sandbox is pure: {name} confines the same in the same way, whatever came in between"
    );
    let Confined {
        command,
        stop: _,
        network: _,
    } = before?;
    check(name, &confinement.command, &command, host);
    Ok(())
}

fn check(name: &str, original: &CommandLine, confined: &CommandLine, host: &[(String, String)]) {
    let words = |command: &CommandLine| -> Vec<String> {
        let program = std::iter::once(command.program.clone());
        program.chain(command.arguments.iter().cloned()).collect()
    };
    let (wanted, given) = (words(original), words(confined));
    assert!(
        given.ends_with(&wanted),
        "what {name} runs ends with the program and its arguments as they were, \
         {wanted:?}, but it is {given:?}"
    );
    assert!(
        !confined.program.is_empty(),
        "what {name} runs has a program"
    );
    assert_eq!(
        confined.directory, original.directory,
        "{name} keeps the working directory"
    );
    for variable in &original.environment {
        assert!(
            confined.environment.contains(variable),
            "{name} keeps the environment, but {variable:?} is missing"
        );
    }
    let added = confined.environment.iter();
    for variable in added.filter(|variable| !original.environment.contains(variable)) {
        assert!(
            !host.contains(variable),
            "{name} lets nothing of the server's environment into an instance, but {:?} is there",
            variable.0
        );
        assert!(
            !original
                .environment
                .iter()
                .any(|(key, _)| *key == variable.0),
            "{name} gives {:?} another value",
            variable.0
        );
    }
}
