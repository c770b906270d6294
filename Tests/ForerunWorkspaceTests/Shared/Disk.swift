import Glibc

@testable import ForerunWorkspace

/// A file system of its own, mounted for a test and gone with this object. Needs root.
final class Disk {
    enum Kind: String {
        case tmpfs, xfs, btrfs
        /// An overlay on the file system of temporary files.
        case overlay
        /// The same by fuse-overlayfs.
        case fuse
    }

    let path: String
    private let room: TemporaryDirectory

    /// - Parameter place: an existing directory; `nil`: one of its own.
    init(_ kind: Kind, at place: String? = nil) throws {
        room = try TemporaryDirectory(["mounted/.keep": "", "l/.keep": "", "u/.keep": "", "w/x": ""])
        unlink(room.path + "/w/x")
        path = place ?? room.path + "/mounted"
        guard Self.run(Self.command(kind, room: room.path, path: path)) else {
            throw FileError("mount \(kind.rawValue) at \(path)", code: ENODEV)
        }
    }

    deinit { _ = Self.run("umount -l '\(path)'") }

    /// Whether this machine has what it takes: found out by doing it.
    static func canMake(_ kind: Kind) -> Bool { geteuid() == 0 && (try? Disk(kind)) != nil }

    private static func run(_ command: String) -> Bool { system("(\(command)) >/dev/null 2>&1") == 0 }

    private static func command(_ kind: Kind, room: String, path: String) -> String {
        let image = "'\(room)/image'"
        let layers = "lowerdir='\(room)/l',upperdir='\(room)/u',workdir='\(room)/w'"
        return switch kind {
        case .tmpfs: "mount -t tmpfs -o size=16m tmpfs '\(path)'"
        // The smallest that both can make.
        case .xfs: "truncate -s 320M \(image) && mkfs.xfs -q \(image) && mount -o loop \(image) '\(path)'"
        case .btrfs: "truncate -s 320M \(image) && mkfs.btrfs -q \(image) && mount -o loop \(image) '\(path)'"
        case .overlay: "mount -t overlay -o \(layers) overlay '\(path)'"
        case .fuse: "fuse-overlayfs -o \(layers) '\(path)'"
        }
    }
}
