/// What a command is run with, in a branch.
struct BranchRun: Sendable {
    /// Fresh: what the command changes goes here.
    var upper: LayerName
    /// Newest first; the workspace itself is below them all.
    var lowers: [LayerName]
    /// The program and its arguments.
    var arguments: [String]
    var environment: [String: String]
    /// Whether it reaches the network.
    var network = false
    /// Attempts at the network are reported. Where there was none, the host uses the empty network again, which is much
    /// faster than making a new one.
    var reportsNetwork = false
    var umask: UInt32
    /// Added to the scheduling niceness.
    var niceness = 0
    var limits = Limits()
    /// Bytes of output that are kept.
    var outputLimit: Int
    /// Where standard output and standard error go; `nil`: they are collected, together.
    var streams: [Int32]?

    /// What a branch may take. The same ahead and on the real path, so that no limit can make a difference.
    struct Limits: Sendable {
        var processes = 4096
        var openFiles = 4096
        /// Bytes; `nil`: no limit.
        var fileSize: Int?
        var memory: Int?
    }

    /// Something that a command ran into.
    enum Restriction: String, Sendable, Hashable {
        case network, memory, processes, cpu
        case fileSize = "file-size"
        /// Of the layers in memory, which others share.
        case space
        /// The same on disk, where this command wrote.
        case disk

        /// What other commands can be the reason of: alone, it may not have been met.
        static let shared: Set<Restriction> = [.memory, .processes, .disk, .cpu]
    }

    /// How it ended. No process of it is left, and no file system is mounted any more.
    struct Result: Sendable {
        var output: String
        /// 128 and more for a signal, as shells count.
        var status: Int32
        var felt: Set<Restriction>
        /// Protected paths that the upper layer holds now.
        var made: [String]
    }
}

/// The name of a layer: `m:…` in memory, `d:…` on disk.
struct LayerName: Sendable, Hashable, CustomStringConvertible {
    let isInMemory: Bool
    /// The name of the directory.
    let name: String
    var description: String { (isInMemory ? "m:" : "d:") + name }
}
