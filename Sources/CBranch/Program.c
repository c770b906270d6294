// The program `forerun-branch`.
#include "include/CBranch.h"

#include <stdio.h>
#include <string.h>

#ifdef __linux__

#include "Internal.h"

int cbranch_main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "serve") == 0) return host_main(3);
    if (argc == 3 && strcmp(argv[1], "probe") == 0) return probe_main(argv[2], false);
    if (argc == 4 && strcmp(argv[1], "probe") == 0 && strcmp(argv[2], "--old-mounts") == 0) return probe_main(argv[3], true);
    if (argc == 2 && strcmp(argv[1], "canary") == 0) return canary_main();
    if (argc >= 3 && strcmp(argv[1], "confine") == 0) return confine_main(argc - 2, argv + 2);
    fprintf(stderr, "usage: forerun-branch serve   (file descriptor 3: the socket, see CBranch.h)\n"
                    "       forerun-branch probe [--old-mounts] WORKSPACE   (exit status 0: branches work here)\n"
                    "       forerun-branch confine --write DIR... -- COMMAND [ARGUMENT...]\n");
    return 2;
}

#else

int cbranch_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    fprintf(stderr, "forerun-branch: branches need Linux; this system is not supported.\n");
    return 2;
}

#endif
