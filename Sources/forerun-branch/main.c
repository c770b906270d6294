// Runs commands in copy-on-write, sandboxed branches of a workspace; see CBranch.h for how it is talked to.
//
//     forerun-branch serve             the host of one workspace; file descriptor 3 is its SOCK_SEQPACKET socket
//     forerun-branch probe WORKSPACE   tries everything once, prints `key=value` lines; exit status 0: it works
//     forerun-branch confine --write DIR... -- COMMAND   one command without namespaces, for systems that refuse them
#include "CBranch.h"

int main(int argc, char **argv) { return cbranch_main(argc, argv); }
