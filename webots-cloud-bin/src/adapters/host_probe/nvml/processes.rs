//! Which processes use a GPU.

use std::collections::BTreeMap;

use nvml_wrapper::Device;
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::struct_wrappers::device::ProcessInfo;
use webots_cloud_core::load::{GpuProcess, MOST_GPU_PROCESSES};

use super::told;

/// Those that compute and those that draw, each once; `None` where the driver does not tell.
pub(super) fn processes(device: &Device<'_>) -> Result<Option<Vec<GpuProcess>>, NvmlError> {
    let compute = told(device.running_compute_processes())?;
    let graphics = told(device.running_graphics_processes())?;
    if compute.is_none() && graphics.is_none() {
        return Ok(None);
    }
    let all = compute.into_iter().chain(graphics).flatten();
    Ok(Some(each_once(all.filter_map(known))))
}

/// Of one that does both, both lists have the memory for everything.
fn each_once(all: impl Iterator<Item = GpuProcess>) -> Vec<GpuProcess> {
    let mut memory = BTreeMap::<u32, u64>::new();
    for one in all.take(2 * MOST_GPU_PROCESSES) {
        let known = memory.entry(one.process).or_default();
        *known = one.memory.max(*known);
    }
    let processes = memory.into_iter().take(MOST_GPU_PROCESSES);
    processes
        .map(|(process, memory)| GpuProcess { process, memory })
        .collect()
}

fn known(process: ProcessInfo) -> Option<GpuProcess> {
    match process.used_gpu_memory {
        UsedGpuMemory::Used(memory) => Some(GpuProcess {
            process: process.pid,
            memory,
        }),
        UsedGpuMemory::Unavailable => None,
    }
}
