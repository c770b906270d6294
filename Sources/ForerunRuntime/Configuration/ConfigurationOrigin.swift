/// Where a value of the configuration comes from.
package enum ConfigurationOrigin: Sendable, Hashable {
    case builtIn
    /// Lines count from 1; 0 stands for the file as a whole.
    case file(String, line: Int)
    /// An environment variable.
    case variable(String)
    /// A flag as the user wrote it, `--set speculation.width=4`.
    case flag(String)
}

extension ConfigurationOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtIn: "built-in"
        case .file(let path, let line): line > 0 ? "\(path):\(line)" : path
        case .variable(let name): name
        case .flag(let text): text
        }
    }
}
