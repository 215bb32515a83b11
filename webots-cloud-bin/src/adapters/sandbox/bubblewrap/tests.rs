use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{CommandLine, Workspace};

use super::*;

fn argv(bubblewrap: &Bubblewrap, workspace: &str) -> Result<Vec<String>, PortError> {
    let confined = bubblewrap.confine(Confinement {
        instance: InstanceId(1),
        command: CommandLine {
            program: "/root/wc/server".to_owned(),
            arguments: vec!["--warden-inside".to_owned()],
            environment: Vec::new(),
            directory: workspace.to_owned(),
        },
        workspace: Workspace {
            path: workspace.into(),
        },
        port: 2001,
        limits: Limits {
            memory: Some(5),
            processes: Some(4),
            open_files: Some(3),
            cpu: Some(std::time::Duration::from_millis(10)),
            disk: Some(2),
            files: None,
        },
    })?;
    assert_eq!(confined.stop, StopPlan::SignalLeader);
    Ok(confined.command.arguments)
}

fn config() -> SandboxConfig {
    SandboxConfig {
        warden: "/root/wc/server".into(),
        visible: vec!["/opt/webots".into(), "/usr/local/webots".into()],
        hidden_folders: vec![
            "/data/key".into(),
            "/opt/webots/conf".into(),
            "/usr/local/etc/wc".into(),
        ],
        hidden_files: vec![
            "/opt/webots/key.pem".into(),
            "/etc/letsencrypt/key.pem".into(),
        ],
        ..SandboxConfig::default()
    }
}

fn at(argv: &[String], words: &[&str]) -> Option<usize> {
    argv.windows(words.len()).position(|window| window == words)
}

#[test]
fn the_whole_set() {
    let bubblewrap = Bubblewrap::new("/usr/bin/bwrap".into(), config());
    let argv = argv(&bubblewrap, "/tmp/i/w1").expect("confined");
    for words in [
        &["--unshare-all", "--unshare-user", "--disable-userns"][..],
        &["--die-with-parent", "--new-session", "--cap-drop", "ALL"],
        &["--ro-bind-try", "/usr", "/usr"],
        &["--proc", "/proc", "--dev", "/dev", "--size", "2"],
        &["--size", "2", "--perms", "1777", "--tmpfs", "/dev/shm"],
        &["--remount-ro", "/proc"],
        &["--tmpfs", "/usr/local/etc/wc"],
        &["--remount-ro", "/dev", "--remount-ro", "/"],
        &["--chdir", "/tmp/i/w1", "--"],
    ] {
        assert!(at(&argv, words).is_some(), "{words:?}: {argv:?}");
    }
    for word in [
        "--share-net",
        "/data/key",
        "/etc/letsencrypt/key.pem",
        "/etc",
        "/etc/ssl",
        "/usr/local/webots",
    ] {
        assert_eq!(at(&argv, &[word]), None, "not there at all: {word}");
    }
    let order = [
        at(&argv, &["--tmpfs", "/tmp"]),
        at(&argv, &["--ro-bind-try", "/opt/webots", "/opt/webots"]),
        at(&argv, &["--tmpfs", "/opt/webots/conf"]),
        at(&argv, &["--ro-bind", "/dev/null", "/opt/webots/key.pem"]),
        at(
            &argv,
            &["--ro-bind-try", "/root/wc/server", "/root/wc/server"],
        ),
        at(&argv, &["--bind", "/tmp/i/w1", "/tmp/i/w1"]),
    ];
    assert!(
        order.is_sorted() && order.iter().all(Option::is_some),
        "{order:?}: {argv:?}"
    );
    let inner = [
        "--",
        "/root/wc/server",
        "--restricted",
        "core=0",
        "data=5",
        "nproc=4",
        "nofile=3",
        "cpu=1",
        "fsize=2",
        "write=/tmp/i/w1",
        "write=/tmp",
        "write=/dev",
        "--",
        "/root/wc/server",
        "--warden-inside",
    ];
    assert!(argv.ends_with(&inner.map(str::to_owned)), "{argv:?}");
}

#[test]
fn the_network_of_the_machine() {
    let own = Bubblewrap::new("/usr/bin/bwrap".into(), config());
    assert_eq!(own.form(), "bubblewrap, private network");
    let shared = own.sharing_network();
    assert_eq!(shared.form(), "bubblewrap, the host's network");
    let argv = argv(&shared, "/tmp/i/w1").expect("confined");
    assert!(at(&argv, &["--unshare-all", "--unshare-user", "--share-net"]).is_some());
    assert_eq!(
        shared.lenient().form(),
        "bubblewrap, the host's network, user namespaces allowed"
    );
}

#[test]
fn other_workspaces_are_hidden_where_their_folder_is_seen() {
    let bubblewrap = Bubblewrap::new("/usr/bin/bwrap".into(), config()).lenient();
    let argv_of = |workspace| argv(&bubblewrap, workspace).expect("confined");
    let seen = argv_of("/opt/webots/i/w1");
    let hidden = at(&seen, &["--tmpfs", "/opt/webots/i"]);
    assert!(hidden.is_some() && hidden < at(&seen, &["--bind", "/opt/webots/i/w1"]));
    assert_eq!(at(&argv_of("/data/i/w1"), &["--tmpfs", "/data/i"]), None);
    assert_eq!(at(&seen, &["--disable-userns"]), None);
    assert!(
        argv(&bubblewrap, "/opt/webots/conf").is_err(),
        "it is to be hidden"
    );
    assert!(
        argv(&bubblewrap, "/root/wc").is_err(),
        "the warden would be in the workspace"
    );
}

#[test]
fn graphics() {
    let config = SandboxConfig {
        display: Some("/tmp/.X11-unix/X0".into()),
        devices: vec!["/dev/dri".into()],
        ..config()
    };
    let bubblewrap = Bubblewrap::new("/usr/bin/bwrap".into(), config);
    let argv = argv(&bubblewrap, "/tmp/i/w1").expect("confined");
    for words in [
        ["--dev-bind-try", "/dev/dri", "/dev/dri"],
        ["--ro-bind-try", "/tmp/.X11-unix/X0", "/tmp/.X11-unix/X0"],
        ["--ro-bind-try", "/sys/dev", "/sys/dev"],
        ["--setenv", "QT_X11_NO_MITSHM", "1"],
    ] {
        assert!(at(&argv, &words).is_some(), "{words:?}");
    }
}
