import Glibc

/// The task of a run, from the command line and from standard input.
///
/// Standard input is never waited for in silence: a process often inherits one that nobody writes to and nobody closes.
package enum TaskInput {
    /// How long a pipe may be silent before it is left alone, in milliseconds: beside a task, and without one.
    private static let grace: (beside: Int32, alone: Int32) = (300, 1_000)
    private static let largest = 8 << 20

    /// - Parameter argument: the task of the command line; `-` stands for standard input, waited for to its end.
    /// - Returns: `nil` where there is no task.
    package static func task(_ argument: String?, descriptor: Int32 = 0) throws(Complaint) -> String? {
        guard let argument else { return try nonEmpty(isReady(descriptor, grace.alone) ? text(descriptor) : "") }
        guard argument != "-" else {
            guard let task = try nonEmpty(text(descriptor)) else {
                throw Complaint(
                    "the task on standard input is empty",
                    remedy: "Pipe a text into it, or give the task as an argument",
                    status: .usage)
            }
            return task
        }
        guard isReady(descriptor, grace.beside), let block = try nonEmpty(text(descriptor)) else { return argument }
        return "\(argument)\n\n<stdin>\n\(block)\n</stdin>"
    }

    /// Whether there is, or will be within `grace`, something to read or the end of it.
    private static func isReady(_ descriptor: Int32, _ grace: Int32) -> Bool {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { return false }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return true
        case S_IFIFO, S_IFSOCK:
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&poller, 1, grace) > 0 && poller.revents & Int16(POLLIN) != 0
        // Terminals belong to people, /dev/null is empty, and other devices never end.
        default: return false
        }
    }

    private static func text(_ descriptor: Int32) throws(Complaint) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&poller, 1, -1)
                continue
            }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
            guard bytes.count <= largest else {
                throw Complaint(
                    "standard input holds more than \(largest >> 20) MiB",
                    remedy: "Put it into a file of the workspace and name that in the task", status: .usage)
            }
        }
    }

    /// Without white space around it.
    private static func nonEmpty(_ text: String) -> String? {
        guard let start = text.firstIndex(where: { !$0.isWhitespace }),
            let end = text.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        return String(text[start...end])
    }
}
