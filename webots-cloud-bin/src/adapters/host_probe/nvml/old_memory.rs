//! The memory of a GPU as drivers before 510 tell it, which the wrapper does not ask for.

use nvml_wrapper::error::{NvmlError, nvml_sym, nvml_try};
use nvml_wrapper::{Device, Nvml};
use webots_cloud_core::load::GpuMemory;

pub(super) fn memory(nvml: &Nvml, device: &Device<'_>) -> Result<GpuMemory, NvmlError> {
    let ask = nvml_sym(nvml.lib().nvmlDeviceGetMemoryInfo.as_ref())?;
    // SAFETY: the function has the type that NVIDIA's header gives it, the handle is of a device of
    // this library, and the answer is plain numbers, for which zeroes are a value.
    let (code, memory) = unsafe {
        let mut memory = std::mem::zeroed();
        let code = ask(device.handle(), &raw mut memory);
        (code, memory)
    };
    nvml_try(code)?;
    Ok(GpuMemory {
        used: memory.used,
        total: memory.total,
    })
}
