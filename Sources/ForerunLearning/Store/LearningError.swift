import GRDB
import Glibc

/// Why what was learnt cannot be read or kept.
package struct LearningError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    package let remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    init(opening path: String, _ error: any Error) {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init("\(path) is damaged", remedy: "Remove it and learn again: forerun learn")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
            self.init("cannot open \(path)", remedy: "Check the permissions of the file and of its directory")
        default: self.init(using: error, path: path)
        }
    }

    init(using error: any Error, path: String = "what was learnt") {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init("\(path) is in use by another process", remedy: "Try again when it is done")
        case .SQLITE_FULL: self.init("there is no room for \(path)", remedy: "Make room on the disk")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init("\(path) is damaged", remedy: "Remove it and learn again: forerun learn")
        default: self.init("cannot use \(path): \(error)", remedy: "Remove it and learn again: forerun learn")
        }
    }

    package var description: String { "\(message). \(remedy)" }
}

/// The file of a database that belongs to the user alone.
enum LearningFile {
    /// Makes the file if it is missing; nobody else may read it, as it holds what users did.
    static func restrict(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        fchmod(descriptor, 0o600)
        close(descriptor)
    }
}
