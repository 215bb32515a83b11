//! The choice, on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use webots_cloud::adapters::process::ProcessLauncher;
use webots_cloud::adapters::sandbox::{ChooseError, choose};
use webots_cloud_core::config::{NetworkChoice, SandboxChoice};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, CommandLine, EventSink, InstanceLauncher, Launch, Listening, Network, PortError,
    Sandbox, Stop, Workspace,
};

use super::house::{House, LIMITS, has};
use super::rig::{ALL_GONE, until};

/// Where servers are installed, and where people try them out. More folders to try, with `:` between
/// them, in `WEBOTS_CLOUD_TEST_FOLDERS`.
#[tokio::test]
async fn it_works_wherever_things_lie() {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let more = std::env::var_os("WEBOTS_CLOUD_TEST_FOLDERS").unwrap_or_default();
    let folders = [PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    for folder in folders
        .into_iter()
        .chain(home)
        .chain(std::env::split_paths(&more))
    {
        let Some(mut house) = House::below(&folder) else {
            println!("skipped: cannot write {}", folder.display());
            continue;
        };
        // The configuration's folder is the one above all, as where an operator keeps all in one.
        house.config.hidden_folders.push(house.root());
        for (name, choice) in [
            ("bwrap", SandboxChoice::Bubblewrap),
            ("firejail", SandboxChoice::Firejail),
        ] {
            if !Path::new("/usr/bin").join(name).exists() {
                println!("skipped: no {name}");
                continue;
            }
            let launcher = &*house.rig.launcher;
            let chosen = choose(choice, &house.config, &LIMITS, launcher).await;
            if let Some(text) = refused_to_root(choice, &chosen) {
                println!("{name} as root: {text}");
                continue;
            }
            let sandbox = chosen.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            let script = format!(
                "{}/webots/webots; echo x > x; ls -A",
                house.root().display()
            );
            let lines = house.output(&*sandbox, &script).await;
            println!("{} {name}: {lines:?}", folder.display());
            assert!(has(&lines, "I am Webots"), "{lines:?}");
            assert_eq!(
                lines.last().map(String::as_str),
                Some("x"),
                "nothing else is there"
            );
        }
    }
}

/// Why firejail is not taken where root runs the server and the kernel has no Landlock: to root's
/// processes it leaves `/` and `/run` open, whatever its options.
fn refused_to_root(
    choice: SandboxChoice,
    chosen: &Result<Arc<dyn Sandbox>, ChooseError>,
) -> Option<String> {
    if choice != SandboxChoice::Firejail || !rustix::process::getuid().is_root() {
        return None;
    }
    let text = chosen.as_ref().err()?.to_string();
    text.contains("can write outside its folder")
        .then_some(text)
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("there").count()
}

#[tokio::test]
async fn the_choice_is_tried() {
    let house = House::new();
    let launcher = &*house.rig.launcher;
    let there = |name: &str| Path::new("/usr/bin").join(name).exists();
    let pick = async |choice| choose(choice, &house.config, &LIMITS, launcher).await;
    for (choice, tool, name) in [
        (SandboxChoice::Bubblewrap, "bwrap", "bubblewrap"),
        (SandboxChoice::Firejail, "firejail", "firejail"),
    ] {
        let begun = Instant::now();
        let chosen = pick(choice).await;
        println!("{name}: {:?}", begun.elapsed());
        if there(tool)
            && let Some(text) = refused_to_root(choice, &chosen)
        {
            println!("{name} as root: {text}");
            continue;
        }
        match chosen {
            Ok(sandbox) => assert_eq!(sandbox.name(), name),
            Err(error) if !there(tool) => println!("skipped: {error}"),
            Err(error) => panic!("{error}"),
        }
    }
    if there("bwrap") {
        assert_eq!(
            pick(SandboxChoice::Auto).await.expect("there").name(),
            "bubblewrap"
        );
    }
    assert_eq!(
        pick(SandboxChoice::None).await.expect("always").name(),
        "none"
    );
    until("the scratch folders to go", ALL_GONE, || {
        entries(&house.rig.instances()) == 0
    })
    .await;
}

#[tokio::test]
async fn what_does_not_work_is_not_taken() {
    let house = House::new();
    let mut config = house.config.clone();
    config.warden = house.root().join("missing");
    let launcher = &*house.rig.launcher;
    let wrong = choose(SandboxChoice::Auto, &config, &LIMITS, launcher).await;
    assert!(matches!(wrong, Err(ChooseError::Config(_))), "{wrong:?}");
    // The guarded command is the launcher's warden, which this sandbox does not show.
    config.warden = PathBuf::from("/usr/bin/true");
    let wrong = choose(SandboxChoice::Auto, &config, &LIMITS, launcher).await;
    let text = wrong.expect_err("neither works").to_string();
    println!("{text}");
    for part in ["`bubblewrap`", "`firejail`", "\"sandbox\": \"none\""] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(entries(&house.rig.instances()), 0);
}

#[tokio::test]
async fn a_sandbox_that_shows_what_is_to_be_hidden_is_not_taken() {
    let mut house = House::new();
    // bubblewrap shows a `/proc` to everybody, and cannot hide a part of it.
    house.config.hidden_files.push("/proc/version".into());
    let launcher = &*house.rig.launcher;
    let chosen = choose(SandboxChoice::Bubblewrap, &house.config, &LIMITS, launcher).await;
    let text = chosen.expect_err("not hidden").to_string();
    if Path::new("/usr/bin/bwrap").exists() {
        assert!(
            text.contains("can read hidden files (/proc/version)"),
            "{text}"
        );
    } else {
        println!("skipped: no bwrap");
        assert!(text.contains("the package `bubblewrap`"), "{text}");
    }
}

#[tokio::test]
async fn the_network_is_what_was_asked_for() {
    let mut house = House::new();
    for (choice, tool, name) in [
        (SandboxChoice::Bubblewrap, "bwrap", "bubblewrap"),
        (SandboxChoice::Firejail, "firejail", "firejail"),
    ] {
        if !Path::new("/usr/bin").join(tool).exists() {
            println!("skipped: no {tool}");
            continue;
        }
        for (network, words) in [
            (NetworkChoice::Auto, "private network"),
            (NetworkChoice::Private, "private network"),
            (NetworkChoice::Host, "the host's network"),
        ] {
            house.config.network = network;
            let launcher = &*house.rig.launcher;
            let chosen = choose(choice, &house.config, &LIMITS, launcher).await;
            assert_eq!(chosen.expect("it works").form(), format!("{name}, {words}"));
        }
    }
    house.config.network = NetworkChoice::Private;
    let launcher = &*house.rig.launcher;
    let wrong = choose(SandboxChoice::None, &house.config, &LIMITS, launcher).await;
    let text = wrong.expect_err("nothing can give one").to_string();
    assert!(text.contains("`network`"), "{text}");
}

/// Refuses what has a network of its own, as a machine that forbids it.
#[derive(Debug)]
struct NoNamespaces<'a>(&'a ProcessLauncher);

impl InstanceLauncher for NoNamespaces<'_> {
    fn prepare(&self, instance: InstanceId) -> BoxFuture<'_, Result<Workspace, PortError>> {
        self.0.prepare(instance)
    }

    fn guard(&self, command: CommandLine) -> CommandLine {
        self.0.guard(command)
    }

    fn launch(
        &self,
        launch: Launch,
        events: Arc<dyn EventSink>,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        match launch.command.network {
            Network::Host => self.0.launch(launch, events),
            Network::Private => Box::pin(async { Err(PortError::permanent("no namespaces")) }),
        }
    }

    fn listening(
        &self,
        instance: InstanceId,
        port: u16,
    ) -> BoxFuture<'_, Result<Listening, PortError>> {
        self.0.listening(instance, port)
    }

    fn stop(&self, instance: InstanceId, how: Stop) -> BoxFuture<'_, Result<bool, PortError>> {
        self.0.stop(instance, how)
    }

    fn clear(
        &self,
        instance: InstanceId,
        workspace: Workspace,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        self.0.clear(instance, workspace)
    }
}

#[tokio::test]
async fn where_there_can_be_no_private_network_it_is_shared_or_refused() {
    if !Path::new("/usr/bin/bwrap").exists() {
        println!("skipped: no bwrap");
        return;
    }
    let mut house = House::new();
    let rig = Arc::clone(&house.rig.launcher);
    let launcher = NoNamespaces(&rig);
    let chosen = choose(SandboxChoice::Auto, &house.config, &LIMITS, &launcher).await;
    let form = chosen.expect("it works").form();
    assert_eq!(form, "bubblewrap, the host's network");
    house.config.network = NetworkChoice::Private;
    let wrong = choose(SandboxChoice::Auto, &house.config, &LIMITS, &launcher).await;
    let text = wrong.expect_err("none of its own").to_string();
    assert!(
        text.contains("`network`") && text.contains("no namespaces"),
        "{text}"
    );
}
