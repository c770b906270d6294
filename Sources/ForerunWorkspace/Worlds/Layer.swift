import Synchronization

/// What one call changed: by path, what is there now. Immutable once made.
///
/// Every path is listed, also each one below a removed directory, so that layers can be stacked, merged and undone
/// path by path, and applying one twice changes nothing more.
package final class Layer: Sendable {
    /// Unique within an environment.
    package let id: Int
    package let changes: [RelativePath: Change]
    /// The names that this layer knows of, by the directory that holds them.
    let names: [RelativePath: [[UInt8]]]
    /// As a directory that the kernel can mount, once a command needed that.
    let mountable: Mutex<LayerDirectory?>

    package convenience init(id: Int, changes: [RelativePath: Change]) {
        self.init(id: id, changes: changes, directory: nil)
    }

    /// - Parameter directory: holds these very changes.
    init(id: Int, changes: [RelativePath: Change], directory: LayerDirectory?) {
        mountable = Mutex(directory)
        self.id = id
        self.changes = changes
        var names: [RelativePath: [[UInt8]]] = [:]
        for path in changes.keys {
            if let parent = path.parent { names[parent, default: []].append(Array(path.name)) }
        }
        self.names = names
    }

    package var isEmpty: Bool { changes.isEmpty }

    /// Layers that follow each other as one. Each path keeps the first expectation and the last state.
    static func merge(_ layers: [Layer]) -> [RelativePath: (change: Change, layer: Int)] {
        var result: [RelativePath: (change: Change, layer: Int)] = [:]
        for layer in layers {
            for (path, change) in layer.changes {
                let first = result[path]?.change ?? change
                let merged = Change(change.state, expected: first.expected, expectedContent: first.expectedContent)
                result[path] = (merged, layer.id)
            }
        }
        return result
    }
}

/// What became of one path.
package struct Change: Sendable {
    package enum State: Sendable {
        case removed
        case directory(mode: UInt32)
        case symlink(target: [UInt8])
        /// `modified` in nanoseconds since 1970: programs such as make compare it.
        case file(Content, mode: UInt32, modified: Int64)
    }

    package let state: State
    /// What was there when the change was made; `nil`: nothing.
    package let expected: Origin?
    /// What the file held then, if it had been changed just before: its times may not show another change.
    let expectedContent: ContentDigest?

    package init(_ state: State, expected: Origin?) { self.init(state, expected: expected, expectedContent: nil) }

    init(_ state: State, expected: Origin?, expectedContent: ContentDigest?) {
        self.state = state
        self.expected = expected
        self.expectedContent = expectedContent
    }

    /// Bytes to write.
    var size: Int { if case .file(let content, _, _) = state { content.count } else { 0 } }

    /// `nil` where nothing is left.
    var kind: Signature.Kind? {
        switch state {
        case .removed: nil
        case .directory: .directory
        case .symlink: .symlink
        case .file: .file
        }
    }
}

/// Where a path of a world comes from. Two worlds with the same origin at a path hold the same there.
package enum Origin: Sendable, Hashable {
    /// From the real directory, which looked like this.
    case base(Signature)
    /// From the layer of this number.
    case layer(Int)
}
