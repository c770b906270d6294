import CBranch
import Glibc

/// The directory of a layer, as the kernel's overlay file system reads it. Removed with this object.
final class LayerDirectory: Sendable {
    let name: LayerName
    let host: BranchHost
    /// What it changes of the workspace.
    let workspace: Directory

    private let isKept: Bool

    /// - Parameters:
    ///   - workspace: the directory `ws` of the layer.
    ///   - isKept: it stays when this object goes.
    init(_ name: LayerName, of host: BranchHost, workspace: Directory, isKept: Bool = false) {
        self.name = name
        self.host = host
        self.workspace = workspace
        self.isKept = isKept
    }

    deinit { if !isKept { host.remove(name) } }

    /// A new, empty layer.
    static func make(on host: BranchHost, inMemory: Bool) throws(FileError) -> LayerDirectory {
        let name = host.newLayer(inMemory: inMemory)
        guard let place = host.directory(of: name) else { throw FileError("make a layer \(name)", code: ENOENT) }
        try place.createDirectory(RelativePath(name.name), mode: 0o700)
        let workspace = RelativePath("\(name.name)/\(Self.workspacePart)")
        try place.createDirectory(workspace, mode: 0o700)
        return LayerDirectory(name, of: host, workspace: try place.open(workspace))
    }

    static let workspacePart = "ws"
    static let temporaryPart = "tmp"
}

/// What a world's commands wrote below /tmp: a layer of its own, since it stays when the changes of the workspace have long
/// been committed.
final class TemporaryLayer: Sendable {
    let name: LayerName
    let host: BranchHost

    private init(_ name: LayerName, of host: BranchHost) {
        self.name = name
        self.host = host
    }

    deinit { host.remove(name) }

    /// Takes what a command wrote below /tmp out of its upper layer; `nil` where it wrote nothing.
    static func take(from upper: LayerName, of host: BranchHost) throws(FileError) -> TemporaryLayer? {
        guard let place = host.directory(of: upper) else { return nil }
        let written = RelativePath("\(upper.name)/\(LayerDirectory.temporaryPart)")
        guard try place.signature(of: written) != nil else { return nil }
        let name = host.newLayer(inMemory: upper.isInMemory)
        try place.createDirectory(RelativePath(name.name), mode: 0o700)
        let layer = TemporaryLayer(name, of: host)
        try place.rename(written, to: RelativePath("\(name.name)/\(LayerDirectory.temporaryPart)"), of: place)
        return layer
    }

    /// The deepest stack of them; beyond, they are merged.
    static let most = 12

    /// One layer that shows what these do, newest last. Files are shared, not copied: layers never change.
    static func merge(_ layers: [TemporaryLayer]) throws(FileError) -> TemporaryLayer? {
        guard let host = layers.last?.host, let isInMemory = layers.last?.name.isInMemory,
            layers.allSatisfy({ $0.host === host && $0.name.isInMemory == isInMemory })
        else { return nil }
        let name = host.newLayer(inMemory: isInMemory)
        guard let place = host.directory(of: name) else { return nil }
        try place.createDirectory(RelativePath(name.name), mode: 0o700)
        let merged = TemporaryLayer(name, of: host)
        let target = RelativePath("\(name.name)/\(LayerDirectory.temporaryPart)")
        for layer in layers.reversed() {
            let source = RelativePath("\(layer.name.name)/\(LayerDirectory.temporaryPart)")
            try add(source, below: target, in: place)
        }
        return merged
    }

    /// Adds what an older layer shows at `source` and the newer ones, at `target`, do not hide.
    private static func add(_ source: RelativePath, below target: RelativePath, in place: Directory) throws(FileError) {
        guard let older = try place.signature(of: source) else { return }
        if let newer = try place.signature(of: target) {
            guard newer.kind == .directory, older.kind == .directory, try !place.isOpaque(target) else { return }
        } else if older.kind == .directory {
            try place.createDirectory(target, mode: older.mode | 0o700)
            if try place.isOpaque(source) { try place.makeOpaque(target) }
            try addChildren(of: source, to: target, in: place)
            return try place.setMode(target, older.mode)
        } else {
            return try place.link(source, to: target, of: place)
        }
        try addChildren(of: source, to: target, in: place)
        // What older layers still hold is hidden by this one, too.
        if try place.isOpaque(source) { try place.makeOpaque(target) }
    }

    private static func addChildren(
        of source: RelativePath, to target: RelativePath, in place: Directory
    ) throws(FileError) {
        for name in try place.names(in: source) {
            try add(source.appending(name), below: target.appending(name), in: place)
        }
    }
}
