import Dispatch
import ForerunCore
import Synchronization

/// Where a run that goes on hears wishes of other processes: a named pipe in its directory, which is its user's alone.
///
/// Nothing is done until somebody writes: the system wakes a thread then.
package final class RunDoor: Sendable {
    private let path: String
    /// `nil`: it is closed.
    private let source: Mutex<(any DispatchSourceRead)?>

    /// - Parameter onWish: called for each, in order; must be quick.
    package init(
        of run: RunName, in directory: RunStateDirectory, onWish: @escaping @Sendable (RunWish) -> Void
    ) throws(StoreError) {
        path = directory.doorPath(of: run)
        let file = try File.makeDoor(path)
        let source = DispatchSource.makeReadSource(
            fileDescriptor: file.descriptor, queue: DispatchQueue(label: "forerun.run.door"))
        let ear = Ear()
        source.setEventHandler {
            var bytes: [UInt8] = []
            guard (try? file.read(4_096, into: &bytes)) ?? 0 > 0 else { return }
            for wish in ear.wishes(in: bytes) { onWish(wish) }
        }
        // The pipe stays open as long as the system may look at it.
        source.setCancelHandler { withExtendedLifetime(file) {} }
        source.activate()
        self.source = Mutex(source)
    }

    deinit { close() }

    /// Hears nothing any more, and removes the pipe.
    package func close() {
        source.withLock { source in
            guard let open = source else { return }
            File.remove(path)
            open.cancel()
            source = nil
        }
    }
}

/// Takes what comes through a pipe apart.
private final class Ear: Sendable {
    /// Bytes of one wish at most; what is longer is none.
    private static let longest = 512

    /// A line whose end has not come yet.
    private let rest = Mutex<[UInt8]>([])

    func wishes(in bytes: [UInt8]) -> [RunWish] {
        rest.withLock { rest in
            rest += bytes
            var wishes: [RunWish] = []
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                if end <= Self.longest, let json = try? JSON(parsing: rest[..<end]), let wish = RunWish(json) {
                    wishes.append(wish)
                }
                rest.removeFirst(end + 1)
            }
            if rest.count > Self.longest { rest = [] }
            return wishes
        }
    }
}
