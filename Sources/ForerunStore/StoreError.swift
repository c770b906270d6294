/// Why the store could not do what it was asked.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it was.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String
        fileprivate let remedy: String

        private init(_ description: String, remedy: String) {
            self.description = description
            self.remedy = remedy
        }

        /// The disk or the quota is full. What was accepted before is kept and written as soon as there is room.
        package static let noSpace = Code(
            "no space left", remedy: "Free some space, or set XDG_STATE_HOME to a directory on another disk.")
        /// The file or directory does not exist, or no longer.
        package static let notFound = Code(
            "not found", remedy: "Check the path; if it was deleted while in use, start a new run.")
        package static let notPermitted = Code(
            "not permitted", remedy: "Make the directory writable for this user, or set XDG_STATE_HOME to one that is.")
        /// Another process, or another log in this one, writes to the same run.
        package static let inUse = Code("in use", remedy: "Wait until the other writer ends, or start a new run.")
        /// A file stands where a directory is needed, or the reverse.
        package static let wrongKind = Code("wrong kind of file", remedy: "Move the file away.")
        /// What was written is not what is read.
        package static let damaged = Code(
            "damaged", remedy: "Restore the file from a backup; what comes before the damage can still be used.")
        /// The index of runs is not what was written, and cannot be made anew.
        package static let brokenIndex = Code(
            "broken index", remedy: "forerun runs --rebuild makes it anew from the logs; it may be deleted.")
        package static let noHome = Code("no home directory", remedy: "Set HOME or XDG_STATE_HOME to an absolute path.")
        /// The device failed. What was written since the last durable flush may be lost.
        package static let device = Code("device error", remedy: "Check the disk; do not rely on this log.")
    }

    package var code: Code
    package var path: String
    /// The cause, in the system's words.
    package var message: String

    package init(_ code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// What the user can do about it.
    package var remedy: String { code.remedy }

    /// Code, path, cause and remedy on one line.
    package var description: String { "\(code): \(path): \(message). \(remedy)" }
}
