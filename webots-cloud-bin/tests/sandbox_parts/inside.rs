//! What is possible inside.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use webots_cloud_core::ports::{InstanceLauncher, Listening, Stop};

use super::house::{House, has};
use super::rig::{ALL_GONE, free_port, fresh_mark, prepare};

#[tokio::test]
async fn secrets_cannot_be_read_and_the_rest_works() {
    let house = House::new();
    let (_, neighbour) = prepare(&house.rig.launcher).await;
    fs::write(neighbour.path.join("secret"), "SECRET").expect("written");
    let root = house.root();
    let root = root.to_str().expect("UTF-8");
    let neighbour = neighbour.path.to_str().expect("UTF-8").to_owned();
    let script = format!(
        "cat /etc/shadow /etc/passwd {root}/key/* {root}/webots/conf/* {root}/webots/private.pem \
             {root}/projects/* {neighbour}/secret /proc/1/root{root}/key/* 2>/dev/null; \
         ls {root}/instances; \
         for d in {root}/webots {root}/projects /usr /home /srv /opt; do \
           (echo x > $d/x) 2>/dev/null && echo wrote $d; done; \
         {root}/webots/webots; \
         echo mine > file && cat file; cp /bin/true own && ./own && echo runs; \
         /usr/bin/python3 -c 'print(6 * 7)'; \
         unshare -Ur true 2>/dev/null && echo namespaces; \
         kill -0 {own} 2>/dev/null && echo sees the server; \
         ulimit -n; ulimit -c; \
         grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status",
        own = std::process::id(),
    );
    for sandbox in house.sandboxes() {
        let lines = house.output(&*sandbox, &script).await;
        println!("{}: {lines:#?}", sandbox.name());
        let all = lines.join("\n");
        for wrong in ["SECRET", "root:", "wrote", "namespaces", "sees the server"] {
            assert!(!all.contains(wrong), "{wrong}: {all}");
        }
        for right in ["I am Webots", "mine", "runs", "42", "256", "0"] {
            assert!(has(&lines, right), "{right}: {all}");
        }
        for zero in [
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1",
        ] {
            assert!(has(&lines, zero), "{zero}: {all}");
        }
        let workspaces = lines
            .iter()
            .filter(|line| line.starts_with('w') && line.contains('-'));
        assert_eq!(workspaces.count(), 1, "only its own: {all}");
    }
}

#[tokio::test]
async fn the_environment_is_what_was_given() {
    let house = House::new();
    // What firejail sets itself, which cannot be turned off and tells nothing.
    let own = [
        "container",
        "DBUS_SESSION_BUS_ADDRESS",
        "DBUS_SYSTEM_BUS_ADDRESS",
        "FIREJAIL_QUIET",
        "KDE_FORK_SLAVES",
        "PROMPT_COMMAND",
        "QML_DISABLE_DISK_CACHE",
        "QT_X11_NO_MITSHM",
        "SHELL",
    ];
    // And what shells set.
    let shells = ["PWD", "OLDPWD", "SHLVL", "_"];
    let given = [
        "HOME",
        "PATH",
        "WEBOTS_CLOUD_INSTANCE",
        "WEBOTS_CLOUD_TEST_MARK",
    ];
    for sandbox in house.sandboxes() {
        let lines = house
            .output(
                &*sandbox,
                "echo; env | cut -d= -f1; { tr '\\0' '\\n' < /proc/1/environ; } 2>/dev/null | cut -d= -f1",
            )
            .await;
        let start = lines.iter().position(String::is_empty).expect("begins");
        for name in &lines[start + 1..] {
            let name = name.as_str();
            let firejails = sandbox.name() == "firejail" && own.contains(&name);
            assert!(
                firejails || shells.contains(&name) || given.contains(&name),
                "{}: {name}",
                sandbox.name()
            );
        }
        assert!(given.iter().all(|name| has(&lines, name)), "{lines:?}");
    }
}

/// How many processes have this word in one of their arguments. Unlike their environment, everybody
/// may read those: firejail keeps the rest from a server that is not root.
fn mentioning(word: &str) -> usize {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .filter(|line| String::from_utf8_lossy(line).contains(word))
        .count()
}

#[tokio::test]
async fn the_port_is_reached_and_the_whole_tree_ends() {
    let house = House::new();
    for sandbox in house.sandboxes() {
        for how in [Stop::Terminate, Stop::Kill] {
            let port = free_port();
            let mark = fresh_mark();
            let script = format!(
                "(trap '' TERM HUP INT; setsid sh -c ': {mark}; trap \"\" TERM HUP INT; echo deaf; \
                 sleep 1000 & wait' & wait) & \
                 exec /usr/bin/python3 -c 'import socket
s = socket.create_server((\"127.0.0.1\", {port}))
print(\"up\", flush=True)
while True: s.accept()[0].sendall(b\"hello\")'"
            );
            let run = house.start(&*sandbox, &script, port).await;
            run.events.line("up").await;
            run.events.line("deaf").await;
            let launcher = &house.rig.launcher;
            let begun = Instant::now();
            let reached = || launcher.listening(run.id, port);
            while reached().await != Ok(Listening::Instance) {
                assert!(begun.elapsed() < ALL_GONE, "{}", sandbox.name());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("reached");
            let mut text = String::new();
            std::io::Read::read_to_string(&mut stream, &mut text).expect("read");
            assert_eq!(text, "hello");
            assert!(mentioning(&mark) > 2);
            let begun = Instant::now();
            launcher.stop(run.id, how).await.expect("ordered");
            run.events.gone().await;
            println!(
                "{} {how:?}: gone after {:?}",
                sandbox.name(),
                begun.elapsed()
            );
            assert!(begun.elapsed() < ALL_GONE);
            assert_eq!(mentioning(&mark), 0);
            launcher
                .clear(run.id, run.workspace)
                .await
                .expect("cleared");
        }
    }
}

#[tokio::test]
async fn files_are_limited() {
    let house = House::new();
    for sandbox in house.sandboxes() {
        let script = "head -c 2000000 /dev/zero > big 2>/dev/null; wc -c < big";
        let lines = house.output(&*sandbox, script).await;
        assert!(has(&lines, "1048576"), "{}: {lines:?}", sandbox.name());
    }
}

#[tokio::test]
async fn system_calls_are_filtered_in_both() {
    let house = House::new();
    let script = "grep -E '^Seccomp:' /proc/self/status; \
         for command in 'unshare --user true' 'unshare --net true' 'mount -t tmpfs x .' 'chroot .' \
           'dmesg' 'setarch i386 -R uname' 'nsenter --net=/proc/self/ns/net true'; do \
           $command >/dev/null 2>&1 && echo \"can: $command\"; done; \
         python3 -c 'import socket; socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)' 2>&1 | tail -1";
    for sandbox in house.sandboxes() {
        let lines = house.output(&*sandbox, script).await;
        assert!(has(&lines, "Seccomp:\t2"), "{lines:#?}");
        assert!(
            !lines.iter().any(|line| line.starts_with("can: ")),
            "{lines:#?}"
        );
        let refused = lines.last().is_some_and(|line| line.contains("OSError"));
        assert!(refused, "{}: {lines:#?}", sandbox.name());
    }
}

#[tokio::test]
async fn temporary_folders_are_private_and_bounded() {
    let house = House::new();
    let script = "for d in /tmp /dev/shm; do echo x > $d/file && echo wrote $d; \
           for n in 1 2 3; do head -c 1M /dev/zero > $d/large$n; done 2>/dev/null; \
           echo size $(cat $d/large* | wc -c); done; \
         (echo x > /dev/file) 2>/dev/null && echo wrote /dev; true";
    for sandbox in house.sandboxes() {
        let lines = house.output(&*sandbox, script).await;
        for right in ["wrote /tmp", "wrote /dev/shm"] {
            assert!(has(&lines, right), "{}: {lines:#?}", sandbox.name());
        }
        // firejail knows no size of its own: there the warden watches.
        if sandbox.name() == "bubblewrap" {
            for line in lines.iter().filter_map(|line| line.strip_prefix("size ")) {
                let size: u64 = line.parse().expect("a number");
                assert!(size <= 1 << 20, "{lines:#?}");
            }
            assert!(!has(&lines, "wrote /dev"), "{lines:#?}");
        }
    }
}
