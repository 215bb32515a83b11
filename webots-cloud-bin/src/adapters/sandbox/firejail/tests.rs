use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{CommandLine, Workspace};

use super::*;

fn argv(config: SandboxConfig, workspace: &str) -> Result<Vec<String>, PortError> {
    argv_of(
        &Firejail::new("/usr/bin/firejail".into(), config),
        workspace,
    )
}

fn argv_of(firejail: &Firejail, workspace: &str) -> Result<Vec<String>, PortError> {
    let confined = firejail.confine(Confinement {
        instance: InstanceId(1),
        command: CommandLine {
            program: "/srv/wc/server".to_owned(),
            arguments: vec!["--warden-inside".to_owned(), "$(id) 'x".to_owned()],
            environment: vec![("HOME".to_owned(), workspace.to_owned())],
            directory: workspace.to_owned(),
        },
        workspace: Workspace {
            path: workspace.into(),
        },
        port: 2001,
        limits: Limits {
            open_files: Some(256),
            ..Limits::default()
        },
    })?;
    assert_eq!(confined.stop, StopPlan::SignalLeader);
    assert_eq!(confined.command.program, "/usr/bin/firejail");
    assert_eq!(confined.command.directory, workspace);
    assert_eq!(confined.command.environment.len(), 1);
    Ok(confined.command.arguments)
}

fn config() -> SandboxConfig {
    SandboxConfig {
        warden: "/srv/wc/server".into(),
        visible: vec!["/usr/local/webots".into(), "/opt/webots".into()],
        hidden_folders: vec!["/srv/wc".into(), "/data/key".into()],
        hidden_files: vec!["/etc/letsencrypt/key.pem".into()],
        ..SandboxConfig::default()
    }
}

fn has(argv: &[String], word: &str) -> bool {
    argv.iter().any(|argument| argument == word)
}

#[test]
fn the_whole_set() {
    let argv = argv(config(), "/tmp/i/w1").expect("confined");
    for word in [
        "--quiet",
        "--noprofile",
        "--noroot",
        "--caps.drop=all",
        "--seccomp",
        "--restrict-namespaces",
        "--nonewprivs",
        "--private-dev",
        "--no3d",
        "--net=none",
        "--whitelist=/tmp/i/w1",
        "--read-write=/tmp/i/w1",
        "--whitelist=/srv/wc/server",
        "--read-only=/srv/wc/server",
        "--whitelist=/opt/webots",
        "--read-only=/opt/webots",
        "--blacklist=/data/key",
        "--blacklist=/etc/letsencrypt/key.pem",
        "--blacklist=/home",
        "--blacklist=/root",
    ] {
        assert!(has(&argv, word), "{word}: {argv:?}");
    }
    for word in [
        // Needed, or hidden by what is shown beside it.
        "--blacklist=/opt",
        "--blacklist=/srv",
        "--blacklist=/srv/wc",
        // Would hide the system, or the workspace.
        "--whitelist=/usr/local/webots",
        "--private-tmp",
        "--read-only=/tmp/i/w1",
        "--writable-var",
    ] {
        assert!(!has(&argv, word), "{word}: {argv:?}");
    }
    let inner = [
        "--",
        "/srv/wc/server",
        "--restricted",
        "core=0",
        "nofile=256",
        "write=/tmp/i/w1",
        "write=/tmp",
        "write=/dev",
        "--",
        "/srv/wc/server",
        "--warden-inside",
        "$(id) 'x",
    ];
    assert!(argv.ends_with(&inner.map(str::to_owned)), "{argv:?}");
}

#[test]
fn the_network_of_the_machine() {
    let own = Firejail::new("/usr/bin/firejail".into(), config());
    assert_eq!(own.form(), "firejail, private network");
    let shared = own.sharing_network();
    assert_eq!(shared.form(), "firejail, the host's network");
    let argv = argv_of(&shared, "/tmp/i/w1").expect("confined");
    assert!(!has(&argv, "--net=none"), "{argv:?}");
}

#[test]
fn places() {
    let in_var = argv(config(), "/var/lib/wc/w1").expect("confined");
    for word in [
        "--private-tmp",
        "--writable-var",
        "--blacklist=/tmp/.X11-unix",
    ] {
        assert!(has(&in_var, word), "{word}: {in_var:?}");
    }
    assert!(!has(&in_var, "--blacklist=/var/lib"), "{in_var:?}");
    let graphics = SandboxConfig {
        display: Some("/tmp/.X11-unix/X0".into()),
        devices: vec!["/dev/dri".into()],
        ..config()
    };
    let in_tmp = argv(graphics, "/tmp/i/w1").expect("confined");
    assert!(has(&in_tmp, "--whitelist=/tmp/.X11-unix/X0"), "{in_tmp:?}");
    assert!(!has(&in_tmp, "--no3d"), "{in_tmp:?}");
}

#[test]
fn what_cannot_be_confined_is_not() {
    for workspace in [
        "/tmp/a,b",
        "/tmp/a*",
        "/tmp/$HOME",
        "/opt/webots/i/w1",
        "/srv/wc/server/x",
    ] {
        assert!(argv(config(), workspace).is_err(), "{workspace}");
    }
    let mut parts = config();
    parts.visible.push("/srv".into());
    assert!(argv(parts, "/tmp/i/w1").is_err(), "a part of /srv/wc");
}
