import Glibc
import Synchronization

/// Standard output or standard error: whole texts, written at once.
package final class OutputFile: Sendable {
    package static let standard = OutputFile(1)
    package static let error = OutputFile(2)

    private let descriptor: Int32
    private let failedWith = Mutex<Int32>(0)

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Columns and rows; 80 and 24 where it does not say.
    package var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether something can be written at once: a terminal that is slow or stopped takes nothing.
    var isWritable: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&poller, 1, 0) > 0
    }

    /// Why what was written is incomplete; `nil`: it is not. A reader that went away is no failure: it had enough.
    package var failure: String? {
        let number = failedWith.withLock { $0 }
        return number == 0 || number == EPIPE ? nil : String(cString: strerror(number))
    }

    /// Waits where the reader is slow. After a failure nothing is written any more.
    package func write(_ text: String) {
        guard !text.isEmpty, failedWith.withLock({ $0 }) == 0 else { return }
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno == EAGAIN {
                    // Somebody else made it non-blocking.
                    var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&poller, 1, -1)
                } else if errno != EINTR {
                    let number = errno
                    failedWith.withLock { $0 = number }
                    return
                }
            }
        }
    }
}
