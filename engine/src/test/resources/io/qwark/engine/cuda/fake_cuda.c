// Answers like NVIDIA's driver on a machine that the macros describe:
//   COUNT     cards (2)
//   START     what cuInit says (0: success)
//   ENTER     what it says to a process that wants onto a card (0: success)
//   OLD       defined: from before CUDA 11.4
// Signatures are those of cuda.h. What is called out of turn is answered with 201, invalid context.
#include <stddef.h>
#include <string.h>

#ifndef COUNT
#define COUNT 2
#endif
#ifndef START
#define START 0
#endif
#ifndef ENTER
#define ENTER 0
#endif

static int started = 0;
static int retained[16];
static int current = -1;
static int contexts[16];

int cuInit(unsigned int flags) {
  started = START == 0 && flags == 0;
  return START;
}

int cuDriverGetVersion(int *version) {
  *version = 12080;
  return 0;
}

int cuGetErrorName(int error, const char **name) {
  *name = error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == 46 ? "CUDA_ERROR_DEVICE_UNAVAILABLE"
          : error == 100 ? "CUDA_ERROR_NO_DEVICE"
          : error == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"
          : NULL;
  return *name == NULL ? 1 : 0;
}

int cuDeviceGetCount(int *count) {
  *count = COUNT;
  return started ? 0 : 3;
}

// Devices are numbers of their own, so that an index in their place is noticed.
int cuDeviceGet(int *device, int index) {
  *device = 7 + index;
  return started && index >= 0 && index < COUNT ? 0 : 101;
}

int cuDeviceGetName(char *name, int length, int device) {
  strncpy(name, device == 7 ? "NVIDIA H100 80GB HBM3" : "NVIDIA L4", length);
  return 0;
}

static int uuid(char *bytes, int device) {
  for (int i = 0; i < 16; i++) {
    bytes[i] = (char) (16 * i + device);
  }
  return 0;
}

#ifdef OLD
int cuDeviceGetUuid(char *bytes, int device) { return uuid(bytes, device); }
#else
int cuDeviceGetUuid_v2(char *bytes, int device) { return uuid(bytes, device); }
#endif

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? (device == 7 ? 9 : 8) : attribute == 76 ? (device == 7 ? 0 : 9) : -1;
  return *value < 0;
}

static size_t total(int device) { return (device == 7 ? 80ul : 24ul) << 30; }

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = total(device);
  return 0;
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
  if (!started || ENTER != 0) {
    return started ? ENTER : 3;
  }
  retained[device - 7]++;
  *context = &contexts[device - 7];
  return 0;
}

int cuDevicePrimaryCtxRelease_v2(int device) {
  return retained[device - 7]-- > 0 && current < 0 ? 0 : 201;
}

int cuCtxPushCurrent_v2(void *context) {
  int which = (int) ((int *) context - contexts);
  if (which < 0 || which >= 16 || retained[which] == 0 || current >= 0) {
    return 201;
  }
  current = which;
  return 0;
}

int cuCtxPopCurrent_v2(void **context) {
  if (current < 0) {
    return 201;
  }
  *context = &contexts[current];
  current = -1;
  return 0;
}

// Free memory becomes less with each process on the card.
int cuMemGetInfo_v2(size_t *free, size_t *all) {
  if (current < 0) {
    return 201;
  }
  *all = total(current + 7);
  *free = *all - (1ul << 30) * retained[current];
  return 0;
}
