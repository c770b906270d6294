import Glibc

/// The file that takes a run's final message. Whether it can be written is checked before the run, not after.
package struct MessageFile: Sendable {
    private let path: String

    package init(_ path: String) throws(Complaint) {
        self.path = path
        let directory = FileAccess.parent(of: path.contains("/") ? path : "./\(path)")
        var info = stat()
        if stat(path, &info) == 0 {
            guard info.st_mode & S_IFMT != S_IFDIR else { throw Self.complaint(path, EISDIR) }
            guard access(path, W_OK) == 0 else { throw Self.complaint(path, errno) }
        } else if access(directory, W_OK | X_OK) != 0 {
            throw Self.complaint(path, errno)
        }
    }

    /// Replaces what the file held. A line feed is added where the message has none at its end.
    package func write(_ message: String) throws(Complaint) {
        let text = message.hasSuffix("\n") ? message : message + "\n"
        guard let file = fopen(path, "we") else { throw Self.complaint(path, errno) }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw Self.complaint(path, errno) }
    }

    private static func complaint(_ path: String, _ number: Int32) -> Complaint {
        Complaint(
            "the final message cannot be written to \(path): \(String(cString: strerror(number)))",
            remedy: "Name a file in a directory that you can write to, with room on its disk", status: .failed)
    }
}
