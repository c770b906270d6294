import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct ChangeWatchTests {
    private let place: TemporaryDirectory
    private let watch: ChangeWatch

    init() throws {
        place = try TemporaryDirectory(["a": "0\n", "d/x": "0\n", "d/e/y": "0\n"])
        watch = try #require(ChangeWatch(place.directory))
    }

    private func others(_ command: String) -> Footprint? {
        #expect(system("cd '\(place.path)' && { \(command); }") == 0)
        return watch.changes()
    }

    private func isSeen(_ path: String, _ footprint: Footprint?) -> Bool {
        footprint?.intersects(.resources([RelativePath(path).resource])) ?? false
    }

    @Test func nothingIsNothing() { #expect(watch.changes() == nil) }

    @Test(arguments: [
        ("echo 1 > a", "a"), ("touch a", "a"), ("chmod 600 a", "a"), ("rm d/x", "d/x"), ("echo 1 > d/e/new", "d/e/new"),
        ("mv a b", "a"), ("mv a b", "b"), ("mkdir n", "n"), ("mv d/e f", "f/y"), ("mv d/e f", "d/e/y"),
        ("ln -s a l", "l"),
        ("mkdir -p n/m; echo 1 > n/m/deep", "n/m/deep"), ("rm -r d", "d/e/y"), ("truncate -s 0 d/e/y", "d/e/y"),
    ])
    func changesAreNoticed(_ command: String, _ path: String) {
        let seen = others(command)
        #expect(isSeen(path, seen), "\(String(describing: seen))")
        #expect(watch.changes() == nil)
    }

    @Test func whatIsNotTouchedIsNotNamed() {
        let seen = others("echo 1 > a; cat d/x > /dev/null; ls -R > /dev/null")
        #expect(isSeen("a", seen) && !isSeen("d/x", seen) && !isSeen("d/e/y", seen))
    }

    @Test func newDirectoriesAreWatched() {
        _ = others("mkdir -p n/m/o")
        #expect(isSeen("n/m/o/file", others("echo 1 > n/m/o/file")))
        _ = others("mv n k")
        #expect(isSeen("k/m/o/file", others("echo 2 > k/m/o/file")))
        #expect(!isSeen("n/m/o/file", others("echo 3 > k/m/o/file")))
    }

    @Test func ownChangesAreNoChangesByOthers() {
        let paths = ["a", "d/x", "made"].map { RelativePath($0) }
        watch.begin(paths)
        _ = system("cd '\(place.path)' && echo 1 > a && rm d/x && mkdir made")
        // Held back while it is under way, but for what others do meanwhile.
        #expect(isSeen("d/e/y", others("echo 2 > d/e/y")))
        watch.end(paths)
        #expect(watch.changes() == nil)
        // The same paths, changed by others afterwards.
        #expect(isSeen("a", others("echo 3 > a")))
        #expect(isSeen("d/x", others("echo 3 > d/x")))
        #expect(isSeen("made/inner", others("echo 3 > made/inner")))
    }

    @Test func aChangeByOthersDuringACommitIsNoticedAfterIt() {
        watch.begin([RelativePath("a")])
        _ = system("cd '\(place.path)' && echo own > a")
        watch.end([RelativePath("a")])
        _ = system("cd '\(place.path)' && echo others > a")
        #expect(isSeen("a", watch.changes()))
    }

    private static let queueLimit =
        Int(Oracle.wait(for: "cat /proc/sys/fs/inotify/max_queued_events").split(separator: "\n").first ?? "") ?? 0

    @Test(.enabled(if: 1...20_000 ~= queueLimit, "the kernel's queue is too long to fill in a test"))
    func tooManyChangesAreEverything() {
        let seen = others(
            "i=0; while [ $i -le \(Self.queueLimit / 2 + 10) ]; do echo > d/e/f$i; : > d/e/f$i; i=$((i+1)); done; echo 1 > a"
        )
        #expect(seen == .everything)
    }
}
