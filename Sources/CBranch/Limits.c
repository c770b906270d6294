// Limits that no control group watches: what /proc tells of them.
#ifdef __linux__

#include "Internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

uint64_t limits_oom_kills(int directory, const char *path) {
    static char text[32 * 1024];
    if (read_file(directory, path, text, sizeof text) <= 0) return UINT64_MAX;
    const char *line = strstr(text, "\noom_kill ");
    return line ? strtoull(line + strlen("\noom_kill "), NULL, 10) : UINT64_MAX;
}

uint32_t limits_sample(int procfs, const struct limits *limits, bool ends_excess, bool *is_over) {
    char text[512], path[300];
    uint64_t last = UINT64_MAX;
    if (read_file(procfs, "loadavg", text, sizeof text) > 0) {
        char *space = strrchr(text, ' ');
        if (space) last = strtoull(space + 1, NULL, 10);
    }
    // As many as there ever were have not been enough.
    bool counts = limits->processes > 0 && last >= limits->processes / 2;
    if (!counts && limits->memory == 0) return 0;
    int directory = openat(procfs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = directory < 0 ? NULL : fdopendir(directory);
    if (!stream) return 0;
    uint64_t tasks = 0, pages = 0;
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
        if (limits->memory > 0) {
            unsigned long long resident = 0, shared = 0;
            snprintf(path, sizeof path, "%s/statm", entry->d_name);
            if (read_file(procfs, path, text, sizeof text) > 0 &&
                sscanf(text, "%*u %llu %llu", &resident, &shared) == 2 && resident > shared)
                pages += resident - shared;
        }
        if (counts) {
            unsigned long long threads = 1;
            snprintf(path, sizeof path, "%s/stat", entry->d_name);
            if (read_file(procfs, path, text, sizeof text) > 0) {
                // The name may contain anything: what counts comes after its closing parenthesis.
                char *after = strrchr(text, ')');
                if (after)
                    sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %llu",
                           &threads);
            }
            tasks += threads;
        }
    }
    closedir(stream);
    uint32_t felt = 0;
    // A burst between two looks must not go unnoticed.
    if (counts && tasks >= limits->processes / 2) felt |= FELT_PROCESSES;
    if (limits->memory > 0 && pages * (uint64_t)sysconf(_SC_PAGESIZE) > limits->memory) felt |= FELT_MEMORY;
    *is_over = (felt & FELT_MEMORY) || (ends_excess && counts && tasks > limits->processes);
    return felt;
}

#else
typedef int cbranch_nothing_here;
#endif
