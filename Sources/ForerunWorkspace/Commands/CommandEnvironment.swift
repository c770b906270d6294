import Glibc

/// The environment variables of commands: an allow-list, so that no key of the user leaks into what a model sees.
enum CommandEnvironment {
    private static let names = ["PATH", "HOME", "LANG", "USER", "TZ"]

    /// - Parameter more: further names that the user chose.
    static func make(allowing more: [String] = []) -> [String: String] {
        var result: [String: String] = [:]
        var position = environ
        while let entry = position.pointee {
            let text = String(cString: entry)
            position += 1
            guard let equals = text.firstIndex(of: "=") else { continue }
            let name = String(text[..<equals])
            if names.contains(name) || name.hasPrefix("LC_") || more.contains(name) {
                result[name] = String(text[text.index(after: equals)...])
            }
        }
        result["TERM"] = "dumb"
        if result["PATH"] == nil { result["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
        return result
    }
}
