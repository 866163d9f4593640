// A disk that is full and a clock that jumps, for tests/attacks/filesystem.sh: LD_PRELOAD puts these
// functions before the C library's. Calls that need room on the disk (writing, flushing, making and
// renaming files and folders) are counted; those from FULL_FROM to FULL_TO fail. The count goes to the file
// FULL_COUNT.
// CLOCK_JUMPS: each look at the clock on the wall differs from the one before by years.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long calls;

static long number(const char* variable) {
  const char* text = getenv(variable);
  return text ? atol(text) : 0;
}

static int full(void) {
  const long call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
  if (call < number("FULL_FROM") || call > number("FULL_TO")) return 0;
  errno = ENOSPC;
  return 1;
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  return descriptor > 2 && full() ? -1 : REAL(write)(descriptor, bytes, size);
}
int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return (flags & O_CREAT) && full() ? -1 : REAL(open)(path, flags, mode);
}
int link(const char* from, const char* to) { return full() ? -1 : REAL(link)(from, to); }
int rename(const char* from, const char* to) { return full() ? -1 : REAL(rename)(from, to); }
int mkdir(const char* path, mode_t mode) { return full() ? -1 : REAL(mkdir)(path, mode); }
int fsync(int descriptor) { return full() ? -1 : REAL(fsync)(descriptor); }

int clock_gettime(clockid_t clock, struct timespec* now) {
  static long jumps;
  const int result = REAL(clock_gettime)(clock, now);
  if (clock == CLOCK_REALTIME && getenv("CLOCK_JUMPS"))
    now->tv_sec += (++jumps % 2 ? 1 : -1) * jumps % 30 * 31557600;
  return result;
}

__attribute__((destructor)) static void count(void) {
  const char* path = getenv("FULL_COUNT");
  FILE* file = path ? fopen(path, "w") : NULL;
  if (file) fprintf(file, "%ld\n", calls), fclose(file);
}
