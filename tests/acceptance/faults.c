/* Faults of a disk under a running program, switched on and off from outside.
 *
 * It is loaded before the program (LD_PRELOAD) and stands before the C library's calls for files. The file that
 * CAREFOLD_FAULTS names is mapped into memory: its first byte is the fault, then come four digits of milliseconds, then
 * the beginning of the name of the files that have it, ended by a zero. `keys.db` also means `keys.db-wal` and
 * `keys.db-shm`. The test writes the first byte last. Behind these 64 bytes there is, for each letter from A to Z, how many
 * calls that fault has met so far: 32 bits, in the order of the machine.
 *
 *   ' '  none
 *   'F'  the disk is full: ENOSPC at each write
 *   'R'  reads fail: EIO
 *   'L'  reads of later pages fail: EIO at each that goes beyond the first 8 KiB
 *   'W'  writes and flushes fail: EIO
 *   'Y'  flushes fail, and writes do not: EIO
 *   'D'  there are no descriptors: EMFILE at each open
 *   'O'  the file system is read-only: EROFS at each write, and at each open for writing
 *   'S'  each call takes so many milliseconds longer
 *   'B'  another process holds SQLite's lock of the writer: EAGAIN at each try to take it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { CONTROL_BYTES = 64, DELAY_AT = 1, DELAY_DIGITS = 4, NAME_AT = 5, LETTERS = 26 };

enum { LATER_FROM = 8192 };

/* SQLite locks bytes of the file beside the database that ends with -shm; of these, this one is that of the writer. */
enum { WRITER_LOCK_BYTE = 120 };

static const volatile char *control;
static unsigned *met;

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("CAREFOLD_FAULTS");
    if (path == NULL) {
        return;
    }
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    size_t bytes = CONTROL_BYTES + LETTERS * sizeof *met;
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    syscall(SYS_close, descriptor);
    if (mapped != MAP_FAILED) {
        met = (unsigned *)((char *)mapped + CONTROL_BYTES);
        control = mapped;
    }
}

/* Counts a call that meets a fault, and gives its error. */
static int meets(char fault, int error) {
    __atomic_fetch_add(&met[fault - 'A'], 1, __ATOMIC_RELAXED);
    return error;
}

/* The fault of a path now; ' ' for none. Waits before it returns if files are slow. */
static char fault_of(const char *path) {
    if (control == NULL || *control == ' ' || path == NULL) {
        return ' ';
    }
    char now[CONTROL_BYTES];
    for (int at = 0; at < CONTROL_BYTES; at++) {
        now[at] = control[at];
    }
    now[CONTROL_BYTES - 1] = '\0';
    const char *file = strrchr(path, '/');
    file = file == NULL ? path : file + 1;
    const char *name = now + NAME_AT;
    size_t length = strlen(name);
    if (length == 0 || strncmp(file, name, length) != 0 || (file[length] != '\0' && file[length] != '-')) {
        return ' ';
    }
    if (now[0] == 'S') {
        long delay = 0;
        for (int at = DELAY_AT; at < DELAY_AT + DELAY_DIGITS; at++) {
            delay = delay * 10 + (now[at] - '0');
        }
        meets('S', 0);
        struct timespec pause = {delay / 1000, delay % 1000 * 1000000};
        nanosleep(&pause, NULL);
        return ' ';
    }
    return now[0];
}

static char fault_of_descriptor(int descriptor) {
    if (control == NULL || *control == ' ') {
        return ' ';
    }
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = (ssize_t)syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (length < 0) {
        return ' ';
    }
    path[length] = '\0';
    return fault_of(path);
}

/* The error of a call, or 0. */
/* Without a place, it is read where the descriptor is. */
static int of_reading(int descriptor, size_t count, off64_t at) {
    switch (fault_of_descriptor(descriptor)) {
    case 'R':
        return meets('R', EIO);
    case 'L':
        at = at < 0 ? lseek(descriptor, 0, SEEK_CUR) : at;
        return at + (off64_t)count > LATER_FROM ? meets('L', EIO) : 0;
    default:
        return 0;
    }
}

static int of_writing(int descriptor) {
    switch (fault_of_descriptor(descriptor)) {
    case 'F':
        return meets('F', ENOSPC);
    case 'W':
        return meets('W', EIO);
    case 'O':
        return meets('O', EROFS);
    default:
        return 0;
    }
}

/* A flush has no room to lose, and nothing to write where nothing could be written. */
static int of_flushing(int descriptor) {
    char fault = fault_of_descriptor(descriptor);
    return fault == 'W' || fault == 'Y' ? meets(fault, EIO) : 0;
}

static int of_opening(const char *path, int flags) {
    switch (fault_of(path)) {
    case 'D':
        return meets('D', EMFILE);
    case 'O':
        return (flags & O_ACCMODE) == O_RDONLY ? 0 : meets('O', EROFS);
    default:
        return 0;
    }
}

static int of_locking(int descriptor, int command, const struct flock *lock) {
    if (command != F_SETLK || lock == NULL || lock->l_type != F_WRLCK || lock->l_start != WRITER_LOCK_BYTE) {
        return 0;
    }
    return fault_of_descriptor(descriptor) == 'B' ? meets('B', EAGAIN) : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAILS_BY(error) \
    do { \
        int failed = (error); \
        if (failed != 0) { \
            errno = failed; \
            return -1; \
        } \
    } while (0)

#define READS(name, declared, given, at) \
    ssize_t name declared { \
        FAILS_BY(of_reading(descriptor, count, at)); \
        return NEXT(name) given; \
    }
#define WRITES(name, declared, given) \
    ssize_t name declared { \
        FAILS_BY(of_writing(descriptor)); \
        return NEXT(name) given; \
    }
#define CHANGES(name, judged, declared, given) \
    int name declared { \
        FAILS_BY(judged(descriptor)); \
        return NEXT(name) given; \
    }

READS(read, (int descriptor, void *bytes, size_t count), (descriptor, bytes, count), -1)
READS(pread, (int descriptor, void *bytes, size_t count, off_t at), (descriptor, bytes, count, at), at)
READS(pread64, (int descriptor, void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at), at)
WRITES(write, (int descriptor, const void *bytes, size_t count), (descriptor, bytes, count))
WRITES(pwrite, (int descriptor, const void *bytes, size_t count, off_t at), (descriptor, bytes, count, at))
WRITES(pwrite64, (int descriptor, const void *bytes, size_t count, off64_t at), (descriptor, bytes, count, at))
CHANGES(ftruncate, of_writing, (int descriptor, off_t length), (descriptor, length))
CHANGES(ftruncate64, of_writing, (int descriptor, off64_t length), (descriptor, length))
CHANGES(fsync, of_flushing, (int descriptor), (descriptor))
CHANGES(fdatasync, of_flushing, (int descriptor), (descriptor))

/* The mode is given only where a file may be made. */
#define MODE_AFTER(flags) \
    mode_t mode = 0; \
    if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        MODE_AFTER(flags) \
        FAILS_BY(of_opening(path, flags)); \
        return NEXT(name)(path, flags, mode); \
    }
#define OPENS_AT(name) \
    int name(int directory, const char *path, int flags, ...) { \
        MODE_AFTER(flags) \
        FAILS_BY(of_opening(path, flags)); \
        return NEXT(name)(directory, path, flags, mode); \
    }

OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)

#define CONTROLS(name) \
    int name(int descriptor, int command, ...) { \
        va_list more; \
        va_start(more, command); \
        void *argument = va_arg(more, void *); \
        va_end(more); \
        FAILS_BY(command == F_SETLK ? of_locking(descriptor, command, argument) : 0); \
        return NEXT(name)(descriptor, command, argument); \
    }

CONTROLS(fcntl)
CONTROLS(fcntl64)
