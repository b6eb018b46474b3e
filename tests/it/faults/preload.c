/* Makes the disk fail on request. Loaded into the program by LD_PRELOAD.
 *
 * FAULT_FOLDER: only files below this folder are touched.
 * FAULT_CONTROL: while this file exists its text says what fails and how:
 *   "write ENOSPC"  every write and every growth finds the disk full
 *   "write EIO"     every write fails
 *   "sync EIO"      every fsync fails
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int below_folder(int fd) {
    const char *folder = getenv("FAULT_FOLDER");
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* The error to answer with, or 0. */
static int fault(int fd, const char *operation) {
    const char *control = getenv("FAULT_CONTROL");
    char text[64] = {0};
    int before = errno, error = 0;
    int file = control ? open(control, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) > 0 && strncmp(text, operation, strlen(operation)) == 0 &&
            below_folder(fd))
            error = strstr(text, "ENOSPC") ? ENOSPC : EIO;
        close(file);
    }
    errno = before;
    return error;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(operation)             \
    do {                               \
        int error = fault(fd, operation); \
        if (error) {                   \
            errno = error;             \
            return -1;                 \
        }                              \
    } while (0)

int fsync(int fd) {
    FAIL_IF("sync");
    return NEXT(fsync)(fd);
}
int fdatasync(int fd) {
    FAIL_IF("sync");
    return NEXT(fdatasync)(fd);
}
ssize_t write(int fd, const void *data, size_t size) {
    FAIL_IF("write");
    return NEXT(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    FAIL_IF("write");
    return NEXT(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    FAIL_IF("write");
    return NEXT(pwrite64)(fd, data, size, at);
}
int ftruncate(int fd, off_t size) {
    FAIL_IF("write");
    return NEXT(ftruncate)(fd, size);
}
int ftruncate64(int fd, off64_t size) {
    FAIL_IF("write");
    return NEXT(ftruncate64)(fd, size);
}
