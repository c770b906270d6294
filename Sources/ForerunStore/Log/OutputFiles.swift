import ForerunCore
import Synchronization

/// The large outputs of a run: files beside its log, named after what they hold (SHA-256, `outputs/<64 digits>`).
///
/// They are written before the line that names them, and whole or not at all.
package final class OutputFiles: Sendable {
    /// Bytes above which an output is kept in a file of its own.
    package static let limit = 16_384
    /// Bytes of it that stay in the line, for those who only look.
    package static let headLimit = 1_024

    private let directory: String
    /// Names that are not known to be on the device.
    private let fresh = Mutex<Set<String>>([])

    package init(of run: RunName, in runs: RunStateDirectory) { directory = runs.directory(of: run) + "/outputs" }

    /// Keeps a text. - Returns: its name.
    package func keep(_ text: String) throws(StoreError) -> String {
        var bytes = Array(text.utf8)
        let name = StableDigest.hex(of: bytes)
        let path = "\(directory)/\(name)"
        if File.exists(path) { return name }
        _ = try File.makeDirectory(directory)
        let partial = "\(path).part"
        File.remove(partial)
        do throws(StoreError) {
            try File(partial, .create).write(&bytes)
            try File.rename(partial, to: path)
        } catch {
            // Room for what can still be written.
            File.remove(partial)
            throw error
        }
        fresh.withLock { _ = $0.insert(name) }
        return name
    }

    /// Returns when everything kept so far is on the device.
    func synchronize() throws(StoreError) {
        let names = fresh.withLock { names in
            defer { names = [] }
            return names
        }
        guard !names.isEmpty else { return }
        for name in names { try File("\(directory)/\(name)", .read).synchronize() }
        try File.synchronize(directory: directory)
    }

    /// The text of a name.
    ///
    /// - Throws: where there is no such file, or it holds something else.
    package func text(_ name: String) throws(StoreError) -> String {
        let path = "\(directory)/\(name)"
        guard name.utf8.count == 64, name.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw StoreError(.damaged, path: directory, message: "“\(name.prefix(80))” is no name of an output")
        }
        let bytes = try File(path, .read).contents()
        guard StableDigest.hex(of: bytes) == name else {
            throw StoreError(.damaged, path: path, message: "The file does not hold what its name says")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSON {
    /// The output in a line `call.taken`, from its file where it is large.
    package func outputText(in files: OutputFiles?) throws(StoreError) -> String? {
        guard let name = self["outputFile"]?.stringValue, let files else { return self["output"]?.stringValue }
        return try files.text(name)
    }
}
