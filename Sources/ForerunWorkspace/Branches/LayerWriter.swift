import Glibc

/// Writes changes that file tools made as a layer that the kernel can mount.
struct LayerWriter {
    let changes: [RelativePath: Change]
    /// What the changes were made on.
    let view: View
    let layer: LayerDirectory
    /// Modes that are set last, since they may forbid changes.
    private var modes: [RelativePath: UInt32] = [:]
    private var upper: Directory { layer.workspace }

    private init(_ changes: [RelativePath: Change], on view: View, to layer: LayerDirectory) {
        self.changes = changes
        self.view = view
        self.layer = layer
    }

    static func write(_ changes: [RelativePath: Change], on view: View, to layer: LayerDirectory) throws {
        var writer = LayerWriter(changes, on: view, to: layer)
        for (path, change) in changes.sorted(by: { $0.key < $1.key }) { try writer.write(path, change) }
        for (path, mode) in writer.modes.sorted(by: { $0.key > $1.key }) { try layer.workspace.setMode(path, mode) }
        // The root of the layer is the root of the workspace to those who look.
        if let mode = try view.base.signature(of: .root)?.mode { try layer.workspace.setMode(.root, mode) }
    }

    private mutating func write(_ path: RelativePath, _ change: Change) throws {
        if change.kind == nil {
            // What lies in something that is gone or no directory any more is gone with it.
            let isCovered = path.ancestors.contains { parent in
                changes[parent].map { $0.kind != .directory } ?? false
            }
            if isCovered || change.expected == nil { return }
        }
        for parent in path.ancestors where try upper.signature(of: parent) == nil {
            // A directory of the layer shows its own mode, not that of the one below.
            try makeDirectory(parent, mode: try view.entry(at: parent)?.mode ?? 0o755)
        }
        switch change.state {
        case .removed: try upper.makeWhiteout(path)
        case .directory(let mode): try makeDirectory(path, mode: mode)
        case .symlink(let target): try upper.createSymlink(path, target: target)
        case .file(let content, let mode, let modified):
            try content.write(to: path, of: upper, mode: mode, modified: modified)
        }
    }

    private mutating func makeDirectory(_ path: RelativePath, mode: UInt32) throws(FileError) {
        try upper.createDirectory(path, mode: 0o700)
        modes[path] = mode
    }
}
