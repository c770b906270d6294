import CCurl
import Glibc

/// Runs `body` and marks the pair of sockets that it opens as closed on exec.
///
/// libcurl's multi handle opens such a pair without the mark, and tells nobody its numbers. New descriptors take the
/// lowest free numbers, so that these are known before; whatever else got them meanwhile is no local socket, or loses
/// nothing that a child should inherit without `dup2`.
func keepingFromChildren<Result>(_ body: () -> Result) -> Result {
    let first = eventfd(0, Int32(EFD_CLOEXEC))
    let second = eventfd(0, Int32(EFD_CLOEXEC))
    close(first)
    close(second)
    let result = body()
    for number in [first, second] where number >= 0 {
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK || status.st_mode & S_IFMT == S_IFIFO
        else { continue }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    }
    return result
}
