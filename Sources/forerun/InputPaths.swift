import ForerunRuntime
import Glibc

/// Files and directories that a command is to read.
enum InputPaths {
    /// Complains of the first one that cannot be read.
    static func check(_ paths: [String]) throws(Complaint) {
        for path in paths where access(path, R_OK) != 0 {
            throw Complaint(
                "cannot read \(path): \(String(cString: strerror(errno)))",
                remedy: "Name files and directories that exist and that you may read", status: .usage)
        }
    }
}
