//! bubblewrap with one wall taken out: what then can be done is found.

use std::path::{Path, PathBuf};

use webots_cloud::adapters::process::RESTRICTED;
use webots_cloud::adapters::sandbox::Bubblewrap;
use webots_cloud::adapters::sandbox::probe::{Depth, Family, Report, Verdict, examine};
use webots_cloud_core::ports::{Confined, Confinement, Network, PortError, Sandbox};

use super::house::{House, LIMITS};

/// Takes words out of bubblewrap's command line and puts others in.
#[derive(Debug)]
struct Leaky {
    whole: Bubblewrap,
    /// Each in its place: what is there, and what comes instead.
    changes: Vec<(&'static str, Vec<String>)>,
    network: Network,
}

impl Sandbox for Leaky {
    fn name(&self) -> &str {
        "leaky"
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        let mut confined = self.whole.confine(confinement)?;
        if !self.changes.is_empty() {
            without_inner_walls(&mut confined.command.arguments);
        }
        let mut words = confined.command.arguments.join("\n");
        for (is, becomes) in &self.changes {
            assert!(words.contains(is), "{is}: {words}");
            words = words.replacen(is, &becomes.join("\n"), 1);
        }
        confined.command.arguments = words.lines().map(str::to_owned).collect();
        confined.network = self.network;
        Ok(confined)
    }
}

/// Filter and Landlock would hide that the wall in front of them is missing.
fn without_inner_walls(arguments: &mut Vec<String>) {
    let step = arguments.iter().position(|word| word == RESTRICTED);
    let step = step.expect("the last step");
    let end = arguments[step..].iter().position(|word| word == "--");
    arguments.drain(step - 1..=step + end.expect("its end"));
}

/// `None` where there is no bubblewrap.
async fn report(
    changes: impl FnOnce(&House) -> Vec<(&'static str, Vec<String>)>,
    network: Network,
) -> Option<Report> {
    let program = PathBuf::from("/usr/bin/bwrap");
    if !program.exists() {
        println!("skipped: no bwrap");
        return None;
    }
    let house = House::new();
    let leaky = Leaky {
        whole: Bubblewrap::new(program, house.config.clone()),
        changes: changes(&house),
        network,
    };
    let launcher = &*house.rig.launcher;
    let found = examine(&leaky, &house.config, &LIMITS, launcher, Depth::Quick).await;
    let report = found.expect("it runs");
    println!("{report}");
    assert_eq!(report.trouble, None);
    let left = std::fs::read_dir(house.rig.instances()).expect("there");
    assert_eq!(left.count(), 0, "workspaces are left");
    Some(report)
}

fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The attempts of a family that went wrong, and that nothing of another did.
fn wrong(report: &Report, family: Family) -> Vec<&'static str> {
    let wrong: Vec<_> = report.of(Verdict::Wrong).collect();
    let others = wrong.iter().filter(|row| row.family != family);
    assert_eq!(others.count(), 0, "{wrong:?}");
    wrong.iter().map(|row| row.attempt).collect()
}

#[tokio::test]
async fn the_whole_one_passes() {
    let Some(report) = report(|_| Vec::new(), Network::Host).await else {
        return;
    };
    assert!(report.is_confined());
    assert_eq!(report.refusal(), None);
}

#[tokio::test]
async fn files() {
    // After all else, so that it covers what hides.
    let shown = |house: &House| {
        let root = house.root();
        vec![(
            "--chdir",
            words(&format!("--bind {0} {0} --chdir", root.display())),
        )]
    };
    let Some(report) = report(shown, Network::Host).await else {
        return;
    };
    let wrong = wrong(&report, Family::Files);
    for attempt in [
        "read a file of another instance",
        "list other instances",
        "look into hidden folders",
        "read hidden files",
        "write outside its folder",
    ] {
        assert!(wrong.contains(&attempt), "{attempt}: {wrong:?}");
    }
    assert!(
        report
            .refusal()
            .is_some_and(|why| why.contains("can read a file of another instance"))
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_written() {
    let read_only = |house: &House| {
        let instances = house.rig.instances();
        let show = format!("--ro-bind {0} {0} --chdir", instances.display());
        vec![("--chdir", words(&show))]
    };
    let Some(report) = report(read_only, Network::Host).await else {
        return;
    };
    let wrong = wrong(&report, Family::Files);
    assert!(wrong.contains(&"write its own folder"), "{wrong:?}");
    let why = report.refusal().expect("refused");
    assert!(why.contains("cannot write its own folder (EROFS)"), "{why}");
}

#[tokio::test]
async fn processes() {
    let shared = |_: &House| {
        vec![
            ("--unshare-all", words("--unshare-ipc --unshare-uts")),
            ("--proc\n/proc", words("--ro-bind /proc /proc")),
        ]
    };
    let Some(report) = report(shared, Network::Host).await else {
        return;
    };
    let wrong = wrong(&report, Family::Processes);
    for attempt in ["see a process outside", "signal a process outside"] {
        assert!(wrong.contains(&attempt), "{attempt}: {wrong:?}");
    }
}

/// One that promises a network of its own, and shares the machine's.
#[tokio::test]
async fn network() {
    let shared = |_: &House| vec![("--unshare-all", words("--unshare-all --share-net"))];
    let Some(report) = report(shared, Network::Private).await else {
        return;
    };
    let wrong = wrong(&report, Family::Network);
    for attempt in [
        "connect to a port of the machine",
        "connect to an abstract socket",
    ] {
        assert!(wrong.contains(&attempt), "{attempt}: {wrong:?}");
    }
}

#[tokio::test]
async fn privileges() {
    let powerful = |_: &House| {
        vec![
            ("--cap-drop\nALL", words("--cap-add ALL")),
            ("--disable-userns", words("--as-pid-1")),
        ]
    };
    let Some(report) = report(powerful, Network::Host).await else {
        return;
    };
    let wrong = wrong(&report, Family::Privileges);
    for attempt in ["have capabilities", "mount", "set the host name"] {
        assert!(wrong.contains(&attempt), "{attempt}: {wrong:?}");
    }
    let weak = report.weak();
    assert!(weak.contains("make a user namespace"), "{weak}");
}

/// Without any capability: the kernel looks at whose process it is.
#[tokio::test]
async fn settings_of_the_kernel_that_are_roots() {
    if !rustix::process::getuid().is_root() {
        println!("skipped: not root");
        return;
    }
    let writable = |_: &House| vec![("--remount-ro\n/proc", words("--chdir /"))];
    let Some(report) = report(writable, Network::Host).await else {
        return;
    };
    let wrong = wrong(&report, Family::Privileges);
    assert_eq!(wrong, ["change settings of the kernel"]);
}

/// Nothing at all around it, which is what `"sandbox": "none"` is.
#[tokio::test]
async fn none() {
    if rustix::process::getuid().is_root() {
        println!("skipped: root would do it all to this machine; the command is tried as another");
        return;
    }
    let house = House::new();
    let (none, launcher) = (webots_cloud_core::ports::NoSandbox, &*house.rig.launcher);
    let found = examine(&none, &house.config, &LIMITS, launcher, Depth::Quick).await;
    let report = found.expect("it runs");
    assert!(!report.is_confined());
    assert!(Path::new("/proc/self").exists());
}
