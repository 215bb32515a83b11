//! Sandboxes that do not run what they are given.

use webots_cloud::adapters::sandbox::probe::{Depth, Found, Report, examine};
use webots_cloud_core::ports::{
    CommandLine, Confined, Confinement, Network, PortError, Sandbox, StopPlan,
};

use super::house::{House, LIMITS};

/// Runs a script of its own instead, without a warden.
#[derive(Debug)]
struct Instead(&'static str);

impl Sandbox for Instead {
    fn name(&self) -> &str {
        "broken"
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        Ok(Confined {
            command: CommandLine {
                program: "/bin/sh".to_owned(),
                arguments: ["-c", self.0].map(str::to_owned).to_vec(),
                ..confinement.command
            },
            stop: StopPlan::SignalTree,
            network: Network::Host,
        })
    }
}

async fn report(script: &'static str) -> Report {
    let house = House::new();
    let launcher = &*house.rig.launcher;
    let sandbox = Instead(script);
    let found = examine(&sandbox, &house.config, &LIMITS, launcher, Depth::Quick).await;
    let report = found.expect("the test itself runs");
    assert!(!report.is_confined());
    let left = std::fs::read_dir(house.rig.instances()).expect("there");
    assert_eq!(left.count(), 0, "workspaces are left");
    report
}

#[tokio::test]
async fn one_that_dies_at_once() {
    let report = report("echo no such option; exit 7").await;
    let why = report.refusal().expect("refused");
    assert!(why.contains("exit code 7: no such option"), "{why}");
}

#[tokio::test]
async fn one_that_runs_nothing() {
    let why = report("exit 0").await.refusal().expect("refused");
    assert!(why.contains("the probe does not run"), "{why}");
}

#[tokio::test]
async fn one_that_prints_rubbish() {
    let script = r#"
head -c 100000 /dev/urandom
echo; echo '{"attempt":'; echo '{}'; echo '{"attempt":"mount","found":"perhaps","detail":""}'
echo '{"attempt":"no such attempt","found":"could-not","detail":""}'
echo '{"attempt":"mount","found":"could-not","detail":"EPERM"}'"#;
    let report = report(script).await;
    for row in &report.rows {
        let told = row.attempt == "mount";
        // What the judge looks at outside needs no answer to be seen; here nothing is.
        let expected = if told {
            Found::CouldNot
        } else {
            Found::Unknown
        };
        assert_eq!(row.found, expected, "{}", row.attempt);
    }
    let why = report.refusal().expect("refused");
    assert!(
        why.contains("may be able to see a process outside"),
        "{why}"
    );
}

#[tokio::test]
async fn one_that_hangs() {
    let why = report("trap '' TERM; sleep 1000 & wait; sleep 1000")
        .await
        .refusal();
    let why = why.expect("refused");
    assert!(why.contains("does not end within"), "{why}");
}
