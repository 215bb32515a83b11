//! What an attack is told of its targets: it knows everything that a spy could have found out.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::rig::{Rig, SECRET, name_of};

/// Written beside the controller, at once and whole: it waits for that.
pub(crate) fn write(rig: &Rig, workspace: &Path, program: &str, listen_port: u16) {
    let root = rig.root();
    let instances = rig.simulation.instances();
    let neighbour = &rig.neighbour;
    let targets = json!({
        "sandbox": rig.confinement.name(),
        "workspace": workspace,
        "outside": root.join("outside"),
        "key": root.join("key/website.example"),
        "config": root.join("simulation.json"),
        "log": root.join("log/older.log"),
        "project": root.join("projects/neighbour/worlds/neighbour.wbt"),
        "cache": instances.with_file_name("instances-cache"),
        "victim": name_of(&neighbour.workspace),
        "victim_workspace": neighbour.workspace,
        "victim_secret": neighbour.workspace.join("controllers/neighbour/secret"),
        "victim_pids": neighbour.pids,
        "victim_port": neighbour.port(),
        "server_pid": rig.simulation.server.pid(),
        "server_secret": format!("HOSTILE_TEST_SECRET={SECRET}"),
        "server_port": rig.simulation.server.port,
        "session_port": rig.session.server.port,
        "listen_port": listen_port,
        "abstract": rig.abstract_name(),
        "ipc_key": rig.ipc_key,
        "shared_file": rig.shared_file.path(),
    });
    let folder = workspace.join("controllers").join(program);
    let beside = folder.join("targets.new");
    fs::write(&beside, targets.to_string()).unwrap();
    fs::rename(beside, folder.join("targets.json")).unwrap();
}
