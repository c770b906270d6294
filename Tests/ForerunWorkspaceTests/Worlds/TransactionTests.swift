import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct TransactionTests {
    // MARK: - Kinds over kinds

    enum Made: String, CaseIterable { case directory, opaque, whiteout, file, symlink, fifo, socket }
    enum Base: String, CaseIterable { case nothing, file, directory, symlink }

    /// As a command would do it, in a copy of the workspace.
    private func make(_ made: Made, at path: String, _ tree: Directory) throws {
        let name = RelativePath(path)
        let isDirectory = try tree.signature(of: name)?.kind == .directory
        if made != .directory || !isDirectory { try tree.removeTree(name) }
        let whole = "\(tree.path)/\(path)"
        switch made {
        case .whiteout: break
        case .directory, .opaque:
            if made == .opaque || !isDirectory { try tree.createDirectory(name, mode: 0o750) }
            try tree.create(name.appending("new".utf8), content: [49], mode: 0o640, modified: Signature.now())
        case .file: try tree.create(name, content: [50], mode: 0o600, modified: Signature.now())
        case .symlink: try tree.createSymlink(name, target: Array("/etc/passwd".utf8))
        case .fifo: #expect(mkfifo(whole, 0o600) == 0)
        case .socket: #expect(mknod(whole, S_IFSOCK | 0o600, 0) == 0)
        }
    }

    @Test(arguments: Made.allCases, Base.allCases)
    func everyKindOverEveryKind(_ made: Made, _ base: Base) throws {
        for canExchange in [true, false] {
            let room = try CommitRoom(["keep": "0"])
            switch base {
            case .nothing: break
            case .file: room.directory.write("p", "old")
            case .directory: for name in ["p/old", "p/deep/old"] { room.directory.write(name, "old") }
            case .symlink: symlink("keep", room.directory.path + "/p")
            }
            let before = try room.model
            let copy = try TemporaryDirectory()
            let view = View(base: room.directory.directory)
            var tree = Tree(directory: copy.directory)
            try tree.update(to: view) { _, _, _ in false }
            let start = Signature.now()
            try make(made, at: "p", copy.directory)
            let (changes, _) = try tree.takeChanges(since: start, layer: 1, view: view, store: room.scene.store)
            let expected = try TreeModel(of: copy.directory)
            var options = Transaction.Options()
            options.canExchange = canExchange
            try room.scene.commit(Layer.merge([Layer(id: 1, changes: changes)]), run: "r", options: options)
            #expect(try room.model == expected)
            #expect(expected.nodes[RelativePath("p")] == nil || made != .fifo && made != .socket)
            try room.history().undo("r")
            #expect(try room.model == before)
            #expect(room.isClean)
        }
    }

    @Test func filesChangePlacesAndCase() throws {
        let room = try CommitRoom(["a": "A", "b": "B", "Name": "x", "d/a": "1", "d/b": "2", "d/e/f": "3"])
        var target = try room.model
        target.write("a", "B")
        target.write("b", "A")
        target.remove("Name")
        target.write("name", "x")
        target.remove("d")
        target.write("d/b", "fewer")
        try room.scene.commit(to: target)
        #expect(try room.model == target)
        #expect(room.isClean)
    }

    @Test func namesMayBeAnything() throws {
        let names: [[UInt8]] = [
            Array("new\nline".utf8), Array("a:b,c\\d".utf8), Array("-rf".utf8), [0xFF, 0xFE, 0x80], Array("..x".utf8),
            Array("e\u{301}".utf8), Array("\u{E9}".utf8), Array("%41 %".utf8), [UInt8](repeating: 120, count: 255),
        ]
        let room = try CommitRoom()
        var changes: [RelativePath: (change: Change, layer: Int)] = [:]
        for (number, name) in names.enumerated() {
            let content = try room.scene.store.make([UInt8(number)])
            changes[RelativePath(bytes: name)] = (Change(.directory(mode: 0o755), expected: nil), 1)
            let file = RelativePath(bytes: name).appending(name)
            changes[file] = (Change(.file(content, mode: 0o644, modified: 7), expected: nil), 1)
        }
        try room.scene.commit(changes, run: "odd")
        for (number, name) in names.enumerated() {
            let file = RelativePath(bytes: name).appending(name)
            #expect(try room.directory.directory.content(of: file) == [UInt8(number)])
            #expect(try room.directory.directory.signature(of: file)?.modified == 7)
        }
        try room.history().undo("odd")
        #expect(room.directory.names == [])
    }

    // MARK: - What a path has besides its content

    @Test func attributesStayAndHardLinksAreBroken() throws {
        let room = try CommitRoom(["a": "0", "locked/x": "0"], in: "/var/tmp", statePlace: "/var/tmp")
        let path = room.directory.path
        let canAttribute = system("setfattr -n user.note -v kept \(path)/a 2>/dev/null") == 0
        link(path + "/a", path + "/second")
        chmod(path + "/locked", 0o500)
        try room.commit {
            $0.write("a", "1", mode: 0o4755)
            $0.write("locked/x", "1")
        }
        #expect(room.directory.text("second") == "0")
        #expect(room.directory.signature("a")?.mode == 0o755, "set-id bits never leave a branch")
        #expect(room.directory.signature("locked")?.mode == 0o500)
        #expect(room.directory.text("locked/x") == "1")
        if canAttribute {
            #expect(system("getfattr -n user.note \(path)/a 2>/dev/null | grep -q kept") == 0)
        }
    }

    @Test func setIDBitsStayOnlyWithTheirContent() throws {
        let room = try CommitRoom(["a": "0", "b": "0"])
        for name in ["a", "b"] { chmod("\(room.directory.path)/\(name)", 0o4755) }
        try room.commit {
            $0.write("a", "0", mode: 0o4711)
            $0.write("b", "1", mode: 0o4755)
        }
        #expect(room.directory.signature("a")?.mode == 0o4711)
        #expect(room.directory.signature("b")?.mode == 0o755)
    }

    // MARK: - Others

    enum Interference: String, CaseIterable {
        case edit, remove, chmod, replaceByEqual, directory, parentGone, parentIsLink, create
    }

    @Test(arguments: Interference.allCases)
    func whatOthersChangedIsNamedAndNothingIsDone(_ interference: Interference) throws {
        let room = try CommitRoom(["a": "0", "d/x": "0", "z": "0"])
        let outside = try TemporaryDirectory(["x": "canary"])
        var target = try room.model
        target.write("d/x", "1")
        target.write("d/new", "1")
        target.write("z", "1")
        let changes = try room.model.changes(to: target, in: room.directory.directory, store: room.scene.store)
        let path = room.directory.path
        switch interference {
        case .edit: room.directory.write("d/x", "by others")
        case .remove: unlink(path + "/d/x")
        case .chmod: Glibc.chmod(path + "/d/x", 0o600)
        case .replaceByEqual:
            room.directory.write("d/y", "0")
            rename(path + "/d/y", path + "/d/x")
        case .directory:
            unlink(path + "/d/x")
            mkdir(path + "/d/x", 0o755)
        case .parentGone:
            unlink(path + "/d/x")
            rmdir(path + "/d")
        case .parentIsLink:
            rename(path + "/d", path + "/moved")
            symlink(outside.path, path + "/d")
        case .create: room.directory.write("d/new", "by others")
        }
        let before = try room.model
        let problem = #expect(throws: Transaction.Problem.self) { try room.scene.commit(changes) }
        guard case .conflict(let paths) = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(paths.contains { $0.isWithin(RelativePath("d")) })
        #expect(!paths.contains(RelativePath("z")))
        #expect(try room.model == before)
        #expect(outside.text("x") == "canary")
        #expect(outside.names == ["x"])
        #expect(room.isClean)
    }

    /// Somebody is faster than the commit, between its check and its change: at every step.
    @Test(arguments: [true, false])
    func changesDuringTheCommitTakeItBack(canExchange: Bool) throws {
        var conflicts = 0
        for step in 0..<14 {
            let room = try CommitRoom(["a": "0", "d/x": "0", "gone": "0"])
            let before = try room.model
            let steps = CrashSoakTests.Counter()
            let path = room.directory.path
            var options = Transaction.Options()
            options.canExchange = canExchange
            options.onStep = {
                if steps.value == step {
                    unlink(path + "/d/x")
                    symlink("/etc", path + "/d/x")
                }
                steps.step(until: .max)
            }
            var target = before
            target.write("a", "1")
            target.write("b", "1")
            target.write("d/x", "1")
            target.remove("gone")
            do {
                try room.scene.commit(to: target, options: options)
                // They came after it: what they did stays.
                #expect(try room.model.nodes[RelativePath("a")] == target.nodes[RelativePath("a")])
            } catch Transaction.Problem.conflict(let paths) {
                conflicts += 1
                #expect(paths == [RelativePath("d/x")])
                var expected = before
                expected.put(RelativePath("d/x"), .link("/etc"))
                #expect(try room.model == expected)
            } catch Transaction.Problem.halfway(_, let paths, let kept) {
                // The path was free for a moment, and is taken when the old version is to come back to it.
                #expect(!canExchange)
                #expect(paths == [RelativePath("d/x")])
                var expected = before
                expected.put(RelativePath("d/x"), .link("/etc"))
                #expect(try room.model == expected)
                #expect(system("grep -qr 0 '\(kept)'") == 0)
                continue
            }
            #expect(room.isClean)
        }
        #expect(conflicts > 3)
    }

    @Test func filesChangedAMomentAgoAreComparedByContent() throws {
        let room = try CommitRoom(["a": "old"])
        let signature = try #require(room.directory.signature("a"))
        let content = try room.scene.store.make([49])
        func change(_ digest: ContentDigest) -> [RelativePath: (change: Change, layer: Int)] {
            let change = Change(
                .file(content, mode: 0o644, modified: 0), expected: .base(signature), expectedContent: digest)
            return [RelativePath("a"): (change, 1)]
        }
        #expect(throws: Transaction.Problem.self) { try room.scene.commit(change(ContentDigest(of: "new".utf8))) }
        #expect(room.directory.text("a") == "old")
        try room.scene.commit(change(ContentDigest(of: "old".utf8)))
        #expect(room.directory.text("a") == "1")
    }

    @Test func nothingToDoIsDone() throws {
        let room = try CommitRoom(["a": "0"])
        let before = room.directory.signature("a")
        try room.commit { _ in }
        #expect(room.directory.signature("a") == before)
        #expect(room.isClean)
    }

    // MARK: - Full disks

    @Test(.enabled(if: FullDiskTests.canMount, "mounting needs root"))
    func aDiskThatFillsUpAtAnyStepLeavesAllOrNothing() throws {
        let place = try TemporaryDirectory()
        guard system("mount -t tmpfs -o size=1m tmpfs \(place.path)") == 0 else { return }
        defer { system("umount -l \(place.path)") }
        var failures = 0
        for step in 0..<24 {
            let room = try CommitRoom(["a": "0", "d/x": "0", "gone": "0"], in: place.path, statePlace: place.path)
            let before = try room.model
            var target = before
            for name in ["a", "b", "d/x"] { target.write(name, String(repeating: "1", count: 20_000)) }
            target.write("new/file", "1")
            target.remove("gone")
            let steps = CrashSoakTests.Counter()
            let filler = place.path + "/filler"
            var options = Transaction.Options()
            options.onStep = {
                if steps.value == step { system("head -c 2m /dev/zero > \(filler) 2>/dev/null") }
                steps.step(until: .max)
            }
            do {
                try room.scene.commit(to: target, options: options)
                #expect(try room.model == target)
            } catch {
                failures += 1
                let failure = (error as? Transaction.Problem)?.failure
                #expect(failure?.code == .noSpace, "step \(step): \(error)")
                #expect(try room.model == before, "step \(step)")
            }
            unlink(filler)
            #expect(try room.recover() == [])
            #expect(room.isClean)
        }
        #expect(failures > 3)
    }
}
