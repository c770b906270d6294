import ForerunCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that takes ``RequestRecord``s as JSON lines, each in one write.
package final class RequestLogFile: Sendable {
    private struct State {
        var descriptor: CInt
        var failure: String?
    }

    package let path: String
    private let state: Mutex<State>

    /// Opens `path` for appending and creates it where it is missing.
    package init(path: String) throws(MockServerFailure) {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw MockServerFailure(
                message: "the request log \(path) cannot be opened: \(String(cString: strerror(errno)))",
                remedy: "Check that its directory exists and may be written to")
        }
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { _ = state.withLock { close($0.descriptor) } }

    /// Appends a record. The first failure (a full disk) ends the log and stays in ``failure``; serving goes on.
    package func append(_ record: RequestRecord) {
        var line = record.json.text + "\n"
        state.withLock { state in
            guard state.failure == nil else { return }
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = write(state.descriptor, rest.baseAddress, rest.count)
                    if written < 0, errno == EINTR { continue }
                    guard written > 0 else {
                        state.failure = "\(path): \(String(cString: strerror(errno)))"
                        return
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }

    /// Why the log is incomplete; `nil`: it is not.
    package var failure: String? { state.withLock { $0.failure } }
}
