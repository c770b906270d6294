import ForerunCore
import ForerunTesting
import Glibc

@testable import ForerunWorkspace

/// What a directory holds, as a value: what tests compare and what they make directories from.
struct TreeModel: Hashable {
    enum Node: Hashable {
        case directory(mode: UInt32)
        case file(String, mode: UInt32)
        case link(String)
    }

    var nodes: [RelativePath: Node] = [:]

    init() {}

    /// - Parameter texts: by path; the directories on the way are added.
    init(_ texts: [String: String]) {
        for (path, text) in texts { put(RelativePath(path), .file(text, mode: 0o644)) }
    }

    /// Reads a directory; sockets, pipes and devices are left out.
    init(of directory: Directory) throws {
        try directory.walk { path, signature in
            switch signature.kind {
            case .directory: nodes[path] = .directory(mode: signature.mode)
            case .symlink: nodes[path] = .link(String(decoding: try directory.target(of: path), as: UTF8.self))
            case .file:
                let text = String(decoding: try directory.content(of: path), as: UTF8.self)
                nodes[path] = .file(text, mode: signature.mode)
            case .special: break
            }
            return true
        }
    }

    mutating func put(_ path: RelativePath, _ node: Node) {
        for parent in path.ancestors {
            if case .directory = nodes[parent] { continue }
            nodes[parent] = .directory(mode: 0o755)
        }
        if case .directory = node, case .directory = nodes[path] {} else { remove(path) }
        nodes[path] = node
    }

    mutating func remove(_ path: RelativePath) { nodes = nodes.filter { !$0.key.isWithin(path) } }

    /// Makes an empty directory hold this.
    func write(to directory: Directory) throws {
        let paths = nodes.keys.sorted()
        for path in paths {
            switch nodes[path] {
            case .directory: try directory.createDirectory(path, mode: 0o755)
            case .file(let text, let mode):
                try directory.create(path, content: Array(text.utf8), mode: mode, modified: Signature.now())
            case .link(let target): try directory.createSymlink(path, target: Array(target.utf8))
            case nil: break
            }
        }
        for path in paths.reversed() {
            if case .directory(let mode) = nodes[path] { try directory.setMode(path, mode) }
        }
    }

    /// What leads from `directory`, which holds this, to `target`.
    func changes(
        to target: TreeModel, in directory: Directory, store: ContentStore
    ) throws -> [RelativePath: (change: Change, layer: Int)] {
        var changes: [RelativePath: (change: Change, layer: Int)] = [:]
        for path in Set(nodes.keys).union(target.nodes.keys) where nodes[path] != target.nodes[path] {
            let state: Change.State
            switch target.nodes[path] {
            case nil: state = .removed
            case .directory(let mode): state = .directory(mode: mode)
            case .link(let text): state = .symlink(target: Array(text.utf8))
            case .file(let text, let mode):
                state = .file(try store.make(Array(text.utf8)), mode: mode, modified: Signature.now())
            }
            let signature = try directory.signature(of: path)
            changes[path] = (Change(state, expected: signature.map { .base($0) }), 1)
        }
        return changes
    }

    // MARK: - Random ones

    private static let names = [
        "a", "b", "d", "d/a", "d/b", "d/e", "d/e/f", "x", "x/y", "x/y/z", "é", "n\nl", "-", "d.x",
    ]

    static func random(using generator: inout SeededGenerator) -> TreeModel {
        var model = TreeModel()
        for _ in 0..<10 { model.change(using: &generator) }
        return model
    }

    /// A few random operations later.
    func changed(using generator: inout SeededGenerator) -> TreeModel {
        var model = self
        for _ in 0..<Int.random(in: 1...8, using: &generator) { model.change(using: &generator) }
        return model
    }

    private mutating func change(using generator: inout SeededGenerator) {
        let path = RelativePath(Self.names.randomElement(using: &generator) ?? "a")
        let number = Int.random(in: 0..<1000, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5: put(path, .file("\(number)", mode: number % 2 == 0 ? 0o644 : 0o755))
        case 5, 6: put(path, .directory(mode: [0o755, 0o700, 0o555, 0o500][number % 4]))
        case 7: put(path, .link("\(number)"))
        default: remove(path)
        }
    }
}

/// A workspace with a state directory, for transactions without an environment around them.
struct CommitScene {
    let workspace: Directory
    let state: StateDirectory
    let store: ContentStore

    init(_ workspace: String, state: String) throws {
        self.workspace = try Directory(workspace)
        self.state = try StateDirectory(for: self.workspace, preferred: state)
        store = ContentStore(directory: self.workspace)
    }

    /// Leads from what is there to `target`, as the environment does it.
    func commit(
        to target: TreeModel, run: String? = nil, options: Transaction.Options = Transaction.Options(),
        limits: UndoHistory.Limits = UndoHistory.Limits()
    ) throws {
        let changes = try TreeModel(of: workspace).changes(to: target, in: workspace, store: store)
        try commit(changes, run: run, options: options, limits: limits)
    }

    func commit(
        _ changes: [RelativePath: (change: Change, layer: Int)], run: String? = nil,
        options: Transaction.Options = Transaction.Options(), limits: UndoHistory.Limits = UndoHistory.Limits()
    ) throws {
        let commits = try state.lockCommits()
        let place = try state.makeTransaction(commits)
        let history = UndoHistory(state, limits: limits, onStep: options.onStep)
        var options = options
        options.run = run.map { history.next(of: $0) }
        var transaction = try Transaction(changes, to: workspace, in: place, options: options)
        do {
            try transaction.run { _, expected, now in
                guard case .base(let earlier) = expected else { return now == nil }
                return now?.isUnchanged(from: earlier) ?? false
            }
        } catch {
            if case .halfway = error {} else { transaction.clear() }
            throw error
        }
        try history.conclude(transaction.journal, in: place, commits)
        commits.release()
    }
}
