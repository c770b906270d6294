// What is to be run: the message RUN.
#ifdef __linux__

#include "Internal.h"

#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT 65536

int run_read(const struct message *message, struct run *run, struct failure *failure) {
    static const char *lowers[512];
    static char *arguments[LIST_LIMIT + 1], *environment[LIST_LIMIT + 1];
    int argument_count = 0, environment_count = 0;
    *run = (struct run){.id = message->id, .lowers = lowers, .arguments = arguments, .environment = environment,
                        .umask = (int)host.world.identity.umask};
    struct position position = {0};
    const char *string, *value;
    while ((string = message_next(message, &position))) {
        uint64_t number = 0;
        if ((value = value_of(string, "arg"))) {
            if (argument_count >= LIST_LIMIT) return fail(failure, "message", E2BIG, "too many arguments");
            arguments[argument_count++] = (char *)value;
        } else if ((value = value_of(string, "env"))) {
            if (environment_count >= LIST_LIMIT) return fail(failure, "message", E2BIG, "too many variables");
            environment[environment_count++] = (char *)value;
        } else if ((value = value_of(string, "lower"))) {
            if (!layer_is_good(value)) return fail(failure, "message", EINVAL, "no name of a layer: %s", value);
            if (run->lower_count >= 490) return fail(failure, "message", E2BIG, "too many layers");
            lowers[run->lower_count++] = value;
        } else if ((value = value_of(string, "upper"))) {
            if (!layer_is_good(value)) return fail(failure, "message", EINVAL, "no name of a layer: %s", value);
            run->upper = value;
        } else if ((value = value_of(string, "cwd"))) run->cwd = value;
        else if ((value = value_of(string, "umask"))) run->umask = (int)strtol(value, NULL, 8) & 0777;
        else {
            static const char *const numbers[] = {"network",    "notice", "freezable",   "canary",
                                                  "nice",       "processes", "open-files", "file-size",
                                                  "memory",     "cpu-seconds"};
            int which = -1;
            for (int index = 0; index < 10 && which < 0; index++)
                if ((value = value_of(string, numbers[index]))) which = index;
            if (which < 0) continue;  // of a later version
            if (!parse_number(value, &number)) return fail(failure, "message", EINVAL, "no number: %s", string);
            switch (which) {
            case 0: run->network = number != 0; break;
            case 1: run->notice = number != 0; break;
            case 2: run->freezable = number != 0; break;
            case 3: run->canary = number != 0; break;
            case 4: run->nice = number > 19 ? 19 : (int)number; break;
            case 5: run->limits.processes = number; break;
            case 6: run->limits.open_files = number; break;
            case 7: run->limits.file_size = number; break;
            case 8: run->limits.memory = number; break;
            case 9: run->limits.cpu_seconds = number; break;
            }
        }
    }
    arguments[argument_count] = environment[environment_count] = NULL;
    if (!run->upper) return fail(failure, "message", EINVAL, "RUN needs `upper`");
    for (int index = 0; index < run->lower_count; index++)
        if (strcmp(lowers[index], run->upper) == 0)
            return fail(failure, "message", EINVAL, "%s cannot be both upper and lower", run->upper);
    if ((argument_count == 0 || arguments[0][0] == 0) && !run->canary)
        return fail(failure, "message", EINVAL, "RUN needs `arg`");
    if (message->descriptor_count < 2) return fail(failure, "message", EBADF, "RUN needs stdout and stderr");
    run->samples = (run->limits.processes > 0 || run->limits.memory > 0) && !host.groups.has_limits;
    run->output = message->descriptors[0];
    run->error = message->descriptors[1];
    return 0;
}

#else
typedef int cbranch_nothing_here;
#endif
