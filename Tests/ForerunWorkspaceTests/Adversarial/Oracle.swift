import CBranch
import ForerunCore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import ForerunWorkspace

/// A workspace under attack, and all that an attack must not touch.
///
/// ``watch(_:in:options:programs:_:)`` looks at everything before and after: the real workspace, canaries beside it and
/// in the home directory, processes, mounts and descriptors of this process, and what is left in shared directories.
final class Oracle {
    /// In the command line of each process of the host and in names that attacks use.
    let marker: String
    let directory: TemporaryDirectory
    let scratch: TemporaryDirectory
    let environment: WorkspaceEnvironment
    /// Beside the workspace; a branch does not see it.
    let near: TemporaryDirectory
    /// In the home directory, where a branch sees it; `nil` where the home directory does not allow that.
    let seen: TemporaryDirectory?
    /// The test commits: it looks at the workspace by itself.
    var changesWorkspace = false
    /// `forerun-branch` by a name of its own.
    let program: String
    private let helper: TemporaryDirectory
    private var before: [String: String] = [:]
    private let lastWorld = Atomic(0)

    private static let numbers = Atomic(0)

    var path: String { directory.path }

    private init(
        _ files: [String: String], in place: String, options: WorkspaceOptions, programs: Bool,
        prepare: (TemporaryDirectory) throws -> Void
    ) throws {
        marker = "fr\(getpid())x\(Self.numbers.add(1, ordering: .relaxed).newValue)y"
        helper = try TemporaryDirectory()
        let canary = ["file": "canary\n", "other": "canary\n", "directory/.keep": ""]
        near = try TemporaryDirectory(canary)
        seen = try Self.home.map { try TemporaryDirectory(in: $0, canary) }
        directory = try TemporaryDirectory(in: place, files)
        scratch = try TemporaryDirectory(in: place)
        if programs, let bytes = AttackProgram.bytes {
            try directory.directory.create(RelativePath("attack"), content: bytes, mode: 0o755, modified: 1)
        }
        try prepare(directory)
        var options = options
        // A name of its own, so that the processes of this host are told from those of others.
        let program = helper.path + "/" + marker
        if let real = options.helper ?? BranchProgram.find() { symlink(real, program) }
        options.helper = program
        self.program = program
        options.temporaryDirectory = scratch.path + "/private"
        environment = WorkspaceEnvironment(directory.path, options: options)
        before = look()
    }

    /// The home directory, if a branch shows it and tests may write to it.
    static let home: String? = {
        guard let home = getenv("HOME").flatMap({ RealPath.of(String(cString: $0)) }), access(home, W_OK | X_OK) == 0,
            !["/tmp", "/var/tmp", "/dev", "/run", "/proc", "/sys"].contains(where: { RealPath.isWithin(home, $0) }),
            home != "/"
        else { return nil }
        return home
    }()

    /// Something is mounted inside the home directory. Then the kernel allows no overlay on it: see Documentation/branches.md.
    static let hasMountsInHome: Bool = {
        guard let home, let table = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else {
            return false
        }
        return table.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 && fields[4].hasPrefix(home + "/")
        }
    }()

    /// Runs an attack and compares the world before and after it.
    static func watch(
        _ files: [String: String] = ["a": "0\n", "d/x": "0\n"], in place: String = "/tmp",
        options: WorkspaceOptions = WorkspaceOptions(), programs: Bool = false,
        prepare: (TemporaryDirectory) throws -> Void = { _ in },
        at location: SourceLocation = #_sourceLocation, _ attack: (Oracle) async throws -> Void
    ) async throws {
        let oracle = try Oracle(files, in: place, options: options, programs: programs, prepare: prepare)
        do {
            _ = try await oracle.environment.open()
            try await attack(oracle)
        } catch {
            await oracle.environment.close()
            throw error
        }
        await oracle.finish(at: location)
    }

    private func finish(at location: SourceLocation) async {
        let running = Self.processes(with: marker).compactMap { ProcessEntry($0.id) }
        await environment.close()
        // The host ends on its own time.
        var pause = 5
        while pause < 3000, running.contains(where: \.isAlive) || !descriptors.isEmpty || !leftovers.isEmpty {
            try? await Task.sleep(for: .milliseconds(pause))
            pause += pause / 2
        }
        check(at: location)
        #expect(processes == [], "processes are left", sourceLocation: location)
        #expect(descriptors == [], "descriptors are left", sourceLocation: location)
        #expect(mounts == [], "mounts are left", sourceLocation: location)
        #expect(leftovers == [], "files are left", sourceLocation: location)
    }

    /// Fails if anything outside changed up to now.
    func check(at location: SourceLocation = #_sourceLocation) {
        if changesWorkspace { before = before.filter { !$0.key.hasPrefix("workspace") } }
        for difference in Self.differences(before, look()) {
            Issue.record("outside of the branch: \(difference)", sourceLocation: location)
        }
    }

    // MARK: - Looking

    private func look() -> [String: String] {
        var found: [String: String] = [:]
        for (name, place) in [("near", near), ("seen", seen)] {
            if let place { Snapshot.add(place.path, as: name, to: &found) }
        }
        if !changesWorkspace { Snapshot.add(path, as: "workspace", to: &found) }
        return found
    }

    static func differences(_ before: [String: String], _ after: [String: String]) -> [String] {
        Set(before.keys).union(after.keys).sorted().compactMap { path in
            before[path] == after[path]
                ? nil
                : "\(path) was [\(before[path] ?? "missing")], is [\(after[path] ?? "missing")]"
        }
    }

    /// The processes of the host and of commands that bear the marker.
    var processes: [String] { Self.processes(with: marker).map { "\($0.id) \($0.line)" } }

    static func processes(with marker: String) -> [(id: pid_t, line: String)] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        var found: [(id: pid_t, line: String)] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while let entry = readdir(stream) {
            let id = pid_t(strtol(&entry.pointee.d_name.0, nil, 10))
            if id <= 0 || id == getpid() { continue }
            let file = open("/proc/\(id)/cmdline", O_RDONLY | O_CLOEXEC)
            if file < 0 { continue }
            let count = read(file, &buffer, buffer.count)
            close(file)
            guard count > 0 else { continue }
            let line = String(decoding: buffer[..<count].map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            if line.contains(marker), ProcessEntry(id) != nil { found.append((id, line)) }
        }
        return found
    }

    /// Descriptors of this process below the directories of the test, but for those that the test itself holds.
    private var descriptors: [String] {
        guard let directory = try? Directory("/proc/self/fd"), let names = try? directory.names(in: .root) else {
            return []
        }
        var own = [directory.path, scratch.path, near.path, helper.path]
        return names.compactMap { name in
            guard let target = try? directory.target(of: RelativePath(bytes: name)) else { return nil }
            let text = String(decoding: target, as: UTF8.self)
            guard own.contains(where: { text.hasPrefix($0) }) || text.contains(marker) else { return nil }
            if let index = own.firstIndex(of: text) {
                own[index] = own[index] + "/"
                return nil
            }
            return text
        }
    }

    /// Mounts of this process that show directories of the test.
    private var mounts: [String] {
        let bytes = try? Directory("/proc/self").content(of: RelativePath("mountinfo"))
        let own = [directory.path, scratch.path, marker]
        return String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { line in own.contains { line.contains($0) } }
    }

    /// What attacks left in shared directories, and what the runtime left in its own.
    private var leftovers: [String] {
        var places = ["/", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/run", "/dev", "/usr", "/var", "/dev/mqueue"]
        if let home = Self.home { places.append(home) }
        var found: [String] = []
        for place in places {
            guard let names = try? Directory(place).names(in: .root) else { continue }
            found += names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains(marker) }
                .map { "\(place)/\($0)" }
        }
        return found + scratch.names.filter { $0 != "private" }.map { "\(scratch.path)/\($0)" }
    }

    // MARK: - Commands

    func fork(_ parent: WorldID = .initial) async throws -> WorldID {
        let child = WorldID(lastWorld.add(1, ordering: .relaxed).newValue)
        try await environment.fork(parent, as: child)
        return child
    }

    func perform(_ name: String, _ arguments: JSON, in world: WorldID) async throws -> CallResult {
        try await environment.perform(Call(name, arguments), in: world, context: CallContext())
    }

    func output(_ name: String, _ arguments: JSON, in world: WorldID) async throws -> Output {
        try await perform(name, arguments, in: world).output
    }

    /// What a command prints in a new child of `parent`.
    func run(_ command: String, in parent: WorldID = .initial) async throws -> String {
        try await output("run_command", ["command": .string(command)], in: fork(parent)).text
    }

    /// What the attack program prints in a new child of `parent`.
    func attack(_ arguments: String, in parent: WorldID = .initial) async throws -> Attempts {
        let attempts = Attempts(try await run("./attack \(arguments)", in: parent))
        #expect(!attempts.text.contains("not found") && !attempts.text.contains("Permission denied"))
        return attempts
    }

    /// A child of `parent` in which a command ran.
    func child(of parent: WorldID = .initial, _ command: String) async throws -> WorldID {
        let child = try await fork(parent)
        _ = try await perform("run_command", ["command": .string(command)], in: child)
        return child
    }

    func commit(_ world: WorldID) async throws {
        changesWorkspace = true
        try await environment.commit(world)
    }

    /// What a command prints outside of any branch.
    static func outside(_ command: String) async -> String {
        // The threads of the concurrency runtime are few, and other tests need them.
        await withCheckedContinuation { continuation in
            Threads.start { continuation.resume(returning: wait(for: command)) }
        }
    }

    static func wait(for command: String) -> String {
        guard let stream = popen("exec 2>&1; \(command)", "r") else { return "popen failed" }
        defer { pclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The lines `name=result` that ``AttackProgram`` prints.
struct Attempts {
    let results: [String: String]
    let text: String

    init(_ text: String) {
        self.text = text
        var results: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let name = String(line[..<equals])
            // One success is one too many.
            if results[name] != "ok" { results[name] = String(line[line.index(after: equals)...]) }
        }
        self.results = results
    }

    var succeeded: Set<String> { Set(results.filter { $0.value == "ok" }.keys) }
    subscript(name: String) -> String? { results[name] }
}

/// What every file below a directory looks like, times and attributes included.
enum Snapshot {
    static func add(_ path: String, as name: String, to result: inout [String: String]) {
        guard let directory = try? Directory(path) else {
            result[name] = "missing"
            return
        }
        add(.root, of: directory, as: name, to: &result)
    }

    private static func add(
        _ path: RelativePath, of root: Directory, as name: String, to result: inout [String: String]
    ) {
        var status = stat()
        guard path.withCString({ fstatat(root.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return }
        let kind = status.st_mode & S_IFMT
        var text =
            "\(String(status.st_mode, radix: 8)) \(status.st_uid):\(status.st_gid) inode \(status.st_ino)"
            + " modified \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
            + " changed \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
        // The workspace is where a commit without a better place stages; its own times say nothing.
        if kind != S_IFDIR { text += " size \(status.st_size) links \(status.st_nlink)" }
        var names = [UInt8](repeating: 0, count: 4096)
        let length = names.withUnsafeMutableBytes { room in
            path.withCString {
                cbranch_list_attributes(
                    root.descriptor, $0, room.assumingMemoryBound(to: CChar.self).baseAddress!, room.count)
            }
        }
        if length > 0 {
            text += " attributes " + String(decoding: names[..<length].map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
        }
        switch kind {
        case S_IFLNK: text += " -> " + String(decoding: (try? root.target(of: path)) ?? [], as: UTF8.self)
        case S_IFREG:
            var digest = StableDigest()
            if let bytes = try? root.content(of: path, limit: 1 << 24) { digest.update(bytes) }
            text += " content \(digest.hex.prefix(16))"
        default: break
        }
        result[path.isRoot ? name : "\(name)/\(path)"] = text
        guard kind == S_IFDIR, let children = try? root.names(in: path) else { return }
        for child in children { add(path.appending(child), of: root, as: name, to: &result) }
    }
}

/// The 41 groups of attacks on branches. One at a time, so that they leave the machine to the other tests.
@Suite(.serialized)
struct AdversarialTests {}

extension AdversarialTests {
    /// The oracle finds what it looks for: without that, no test here means anything.
    struct OracleTests {
        @Test(arguments: [
            "echo x >> file", "chmod 600 file", "touch file", "rm file", "mv other directory", "ln file link",
            "touch .new",
            "ln -s file link", "cp -p file copy; mv copy file", "touch -d @1 file", "mkdir directory/new",
        ])
        func everyChangeOutsideIsNoticed(_ command: String) throws {
            let place = try TemporaryDirectory(["file": "canary\n", "other": "canary\n", "directory/.keep": ""])
            var before: [String: String] = [:]
            var same: [String: String] = [:]
            var after: [String: String] = [:]
            Snapshot.add(place.path, as: "seen", to: &before)
            Snapshot.add(place.path, as: "seen", to: &same)
            #expect(Oracle.differences(before, same) == [])
            #expect(system("cd '\(place.path)' && \(command)") == 0)
            Snapshot.add(place.path, as: "seen", to: &after)
            #expect(Oracle.differences(before, after) != [])
        }

        @Test func processesAreFoundByTheirMarker() throws {
            let marker = "fr\(getpid())oracle"
            #expect(Oracle.processes(with: marker).isEmpty)
            _ = Oracle.wait(for: "sh -c 'sleep 5 #\(marker)' >/dev/null 2>&1 & sleep 0.2; true")
            let found = Oracle.processes(with: marker)
            #expect(!found.isEmpty)
            for process in found { kill(process.id, SIGKILL) }
        }
    }
}
