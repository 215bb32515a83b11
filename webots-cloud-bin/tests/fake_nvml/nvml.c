/* A library with the entry points of NVML that the servers use. What it answers stands in the file
 * ANSWERS, which is read for each call: lines "NAME VALUE". Missing numbers are 0, which is success
 * for those that are return codes. Made with NVML's documented interface alone. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_TOO_SMALL 7

/* Devices are handed out as numbers, one off so that none is null. */
typedef struct device *device_t;

struct utilization {
  unsigned int gpu;
  unsigned int memory;
};

struct memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

struct process {
  unsigned int pid;
  unsigned long long memory;
  unsigned int gpu_instance;
  unsigned int compute_instance;
};

struct memory_v2 {
  unsigned int version;
  unsigned long long total;
  unsigned long long reserved;
  unsigned long long free;
  unsigned long long used;
};

static int text(const char *wanted, char *value, size_t length) {
  char line[256];
  int found = 0;
  FILE *file = fopen(ANSWERS, "r");
  if (!file)
    return 0;
  while (!found && fgets(line, sizeof line, file)) {
    char *space = strchr(line, ' ');
    if (!space)
      continue;
    *space = 0;
    space[1 + strcspn(space + 1, "\n")] = 0;
    if (strcmp(line, wanted) == 0) {
      snprintf(value, length, "%s", space + 1);
      found = 1;
    }
  }
  fclose(file);
  return found;
}

static unsigned long long number(const char *wanted) {
  char value[32];
  unsigned long long result = 0;
  if (text(wanted, value, sizeof value))
    sscanf(value, "%llu", &result);
  return result;
}

static const char *of_device(device_t device, const char *what) {
  static char name[64];
  snprintf(name, sizeof name, "%u.%s", (unsigned int)((size_t)device - 1), what);
  return name;
}

static int code_of(device_t device) { return (int)number(of_device(device, "code")); }

int nvmlInit_v2(void) { return (int)number("init"); }

int nvmlShutdown(void) { return 0; }

int nvmlDeviceGetCount_v2(unsigned int *count) {
  while (number("hang"))
    usleep(10000);
  *count = (unsigned int)number("count");
  return (int)number("count.code");
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device_t *device) {
  *device = (device_t)((size_t)index + 1);
  return (int)number(of_device(*device, "handle"));
}

int nvmlDeviceGetName(device_t device, char *name, unsigned int length) {
  char value[96] = "a GPU";
  int code = code_of(device);
  if (code)
    return code;
  text(of_device(device, "name"), value, sizeof value);
  if (strlen(value) >= length)
    return BUFFER_TOO_SMALL;
  strcpy(name, value);
  return 0;
}

#ifndef WITHOUT_UTILIZATION
int nvmlDeviceGetUtilizationRates(device_t device, struct utilization *answer) {
  int code = code_of(device);
  answer->gpu = (unsigned int)number(of_device(device, "compute"));
  answer->memory = (unsigned int)number(of_device(device, "memory_load"));
  return code ? code : (int)number(of_device(device, "utilization.code"));
}
#endif

int nvmlDeviceGetMemoryInfo(device_t device, struct memory *answer) {
  answer->used = number(of_device(device, "used"));
  answer->total = number(of_device(device, "total"));
  answer->free = answer->total - answer->used;
  return code_of(device);
}

#ifndef WITHOUT_PROCESSES
/* One process of a kind at most: its number, and its memory. */
static int processes(device_t device, const char *kind, unsigned int *count, struct process *answers) {
  char what[64];
  unsigned int room = *count;
  unsigned long long pid = number(of_device(device, kind));
  int code = code_of(device);
  *count = pid ? 1 : 0;
  if (code || !pid)
    return code;
  if (!answers || room < 1)
    return BUFFER_TOO_SMALL;
  memset(answers, 0, sizeof *answers);
  answers->pid = (unsigned int)pid;
  snprintf(what, sizeof what, "%s.used", kind);
  answers->memory = number(of_device(device, what));
  return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(device_t device, unsigned int *count, struct process *answers) {
  return processes(device, "computes", count, answers);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(device_t device, unsigned int *count, struct process *answers) {
  return processes(device, "draws", count, answers);
}
#endif

#ifndef WITHOUT_MEMORY_V2
int nvmlDeviceGetMemoryInfo_v2(device_t device, struct memory_v2 *answer) {
  if (answer->version != (sizeof *answer | 2 << 24))
    return 25;
  answer->used = number(of_device(device, "used"));
  answer->total = number(of_device(device, "total"));
  answer->reserved = 0;
  answer->free = answer->total - answer->used;
  return code_of(device);
}
#endif
