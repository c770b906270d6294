import ForerunCore

/// The files that a run has opened or spoken of: what ``FilePredictor`` chooses from.
struct FileTrail {
    struct Entry {
        let path: String
        var opened = 0
        /// Steps, from 1; 0: never.
        var lastOpened = 0
        var lastChanged = 0
        var lastNamed = 0
        var lastKind = OpenedFiles.Kind.none
        /// Its place among the files that were named with it, from 0.
        var place = 0
        var named = 0
        /// Named by a person or by the model, and not only in outputs.
        var isSpoken = false
    }

    private(set) var entries: [Entry] = []
    private var numbers: [String: Int] = [:]
    /// Directories that paths are written from.
    private var roots: [String] = []
    private(set) var step = 1
    /// What the last call did.
    private(set) var lastKind = OpenedFiles.Kind.none
    /// Numbers of those that were opened, the latest last, each once.
    private(set) var opened: [Int] = []

    init(workingDirectory: String? = nil) {
        if let workingDirectory { roots.append(workingDirectory) }
    }

    /// The path as seen from where the run works.
    private func plain(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        for root in roots where path.hasPrefix(root + "/") { return String(path.dropFirst(root.utf8.count + 1)) }
        return String(path)
    }

    private mutating func number(_ path: String) -> Int {
        let path = plain(path)
        if let number = numbers[path] { return number }
        numbers[path] = entries.count
        entries.append(Entry(path: path))
        return entries.count - 1
    }

    /// The files that a call opens, as paths seen from where the run works.
    func paths(_ files: OpenedFiles) -> [String] { files.paths.map(plain) }

    /// Words of a person or of the model, or an output.
    mutating func name(in text: String, isSpoken: Bool) {
        for (place, path) in FileName.all(in: text).enumerated() {
            let number = number(path)
            entries[number].lastNamed = step
            entries[number].place = place
            entries[number].named += 1
            if isSpoken { entries[number].isSpoken = true }
        }
    }

    /// Takes note of where a call works, before its paths are read.
    mutating func enter(_ files: OpenedFiles) {
        for directory in files.directories where !roots.contains(directory) {
            roots.append(directory)
            // The outermost one first.
            roots.sort { $0.utf8.count < $1.utf8.count }
        }
    }

    mutating func open(_ files: OpenedFiles) {
        step += 1
        lastKind = files.kind
        for path in files.paths {
            let number = number(path)
            entries[number].opened += 1
            entries[number].lastOpened = step
            entries[number].lastKind = files.kind
            if files.kind == .change { entries[number].lastChanged = step }
            opened.removeAll { $0 == number }
            opened.append(number)
        }
    }
}
