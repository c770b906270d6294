/// What a command does with files, as far as its words tell.
package enum ShellUse: Sendable, Hashable {
    /// Shows files, or parts of them.
    case read([FileSlice])
    /// Lists names: of directories, or of what fits a pattern.
    case list(paths: [String], pattern: String?)
    /// Searches contents: in files and directories, or in what it is piped (no paths).
    case search(pattern: String, paths: [String])
    /// Writes, moves or removes files.
    case edit([String])
    /// Changes where what follows runs.
    case changeDirectory(String)
    /// Anything else: tests, builds, programs, what only filters its input.
    case unknown
}

/// A file, or some of its lines.
package struct FileSlice: Sendable, Hashable {
    package var path: String
    package var lines: Lines?

    /// Lines by number, from 1.
    package struct Lines: Sendable, Hashable {
        package var first: Int
        /// The last one; `nil`: to the end.
        package var last: Int?

        package init(_ first: Int, _ last: Int?) {
            self.first = first
            self.last = last
        }
    }

    package init(_ path: String, lines: Lines? = nil) {
        self.path = path
        self.lines = lines
    }
}

extension ShellUse {
    /// The uses of a line's commands, in their order, without those that are unknown; paths as seen from where the line
    /// runs.
    ///
    /// In a pipeline, `head`, `tail` and `sed -n` narrow what was read before them: `nl f | sed -n 10,20p` reads ten lines.
    package static func uses(of text: String) -> [ShellUse] { uses(of: ShellCommand.parse(text)) }

    package static func uses(of commands: [ShellCommand]) -> [ShellUse] {
        var result: [ShellUse] = []
        /// What the pipeline began to read, by its place.
        var source: Int?
        var isPiped = false
        for command in commands {
            let use = command.use
            if isPiped, let place = source, let lines = command.slicedLines, case .read(var slices) = result[place],
                slices.count == 1, slices[0].lines == nil
            {
                slices[0].lines = lines
                result[place] = .read(slices)
            } else if use != .unknown, !(isPiped && command.onlyFilters) {
                result.append(use)
                if case .read = use { source = result.count - 1 } else { source = nil }
            } else {
                // Lines that were filtered are not the file's any more.
                source = nil
            }
            let written = command.writtenFiles
            if !written.isEmpty {
                if case .edit(let files) = use, result.last == use {
                    result[result.count - 1] = .edit(files + written.filter { !files.contains($0) })
                } else {
                    result.append(.edit(written))
                }
            }
            isPiped = command.connector == .pipe
        }
        return result.filter { $0 != .read([]) }
    }

    /// The files that are opened: read, searched by name, written.
    package var files: [String] {
        switch self {
        case .read(let slices): slices.map(\.path)
        case .search(_, let paths): paths
        case .edit(let files): files
        case .list, .changeDirectory, .unknown: []
        }
    }
}

extension ShellCommand {
    /// Files that its output is redirected into.
    var writtenFiles: [String] {
        redirections.compactMap { redirection in
            guard redirection.kind == .output || redirection.kind == .append else { return nil }
            return redirection.target.hasPrefix("/dev/") ? nil : resolved(redirection.target)
        }
    }
}
