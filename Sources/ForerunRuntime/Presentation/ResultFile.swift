import Glibc

/// A file for what a command comes to. Whether it can be written is checked before the work, not after.
package struct ResultFile: Sendable {
    private let path: String
    private let contents: String

    /// - Parameter contents: what it will hold, for complaints, such as "the final message".
    package init(_ path: String, for contents: String) throws(Complaint) {
        self.path = path
        self.contents = contents
        let directory = FileAccess.parent(of: path.contains("/") ? path : "./\(path)")
        var info = stat()
        if stat(path, &info) == 0 {
            guard info.st_mode & S_IFMT != S_IFDIR else { throw complaint(EISDIR) }
            guard access(path, W_OK) == 0 else { throw complaint(errno) }
        } else if access(directory, W_OK | X_OK) != 0 {
            throw complaint(errno)
        }
    }

    /// Replaces what the file held. A line feed is added where the text has none at its end.
    package func write(_ text: String) throws(Complaint) {
        let text = text.hasSuffix("\n") ? text : text + "\n"
        guard let file = fopen(path, "we") else { throw complaint(errno) }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten else { throw complaint(errno) }
    }

    private func complaint(_ number: Int32) -> Complaint {
        Complaint(
            "\(contents) cannot be written to \(path): \(String(cString: strerror(number)))",
            remedy: "Name a file in a directory that you can write to, with room on its disk", status: .failed)
    }
}
