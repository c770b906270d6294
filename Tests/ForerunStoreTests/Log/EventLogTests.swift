import ForerunCore
import FoundationEssentials
import Testing

@testable import ForerunStore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Serialised: a process that another test starts holds every lock for the moment before its `exec`.
@Suite(.serialized) struct EventLogTests {
    private func events(_ run: RunName, _ temporary: TemporaryRuns) throws -> [JSON] {
        var reader = try EventLogReader(run, in: temporary.directory)
        let events = try reader.events()
        let skippedLines = reader.skippedLines
        #expect(skippedLines == 0)
        return events
    }

    @Test func eventsAreReadAsWritten() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        let written: [JSON] = [["seq": 0, "text": "a\nb\u{0}é"], ["seq": 1, "b": 1, "a": [nil, true]], [:]]
        for event in written { try log.append(event) }
        #expect(try events(run, temporary) == [])
        try log.flush(durable: true)
        #expect(try events(run, temporary) == written)
        let text = try String(contentsOf: URL(filePath: log.path), encoding: .utf8)
        #expect(text.utf8.filter { $0 == 10 }.count == 3)
        #expect(text.contains(#"{"seq":1,"b":1,"a":[null,true]}"#))
    }

    @Test func fullBuffersAreWritten() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        let long: JSON = ["text": .string(String(repeating: "x", count: EventLog.bufferLimit * 3))]
        var written: [JSON] = (0..<5_000).map { ["seq": .number(JSONNumber($0))] }
        written += [long, ["seq": 1]]
        for event in written { try log.append(event) }
        #expect(try events(run, temporary).count > 4_000)
        try log.flush(durable: false)
        #expect(try events(run, temporary) == written)
    }

    @Test func readersFollowAGrowingLog() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        var reader = try EventLogReader(run, in: temporary.directory)
        #expect(try reader.next() == nil)
        for number in 0..<3 {
            try log.append(["seq": .number(JSONNumber(number))])
            try log.flush(durable: false)
            #expect(try reader.next()?["seq"]?.intValue == number)
            #expect(try reader.next() == nil)
        }
    }

    @Test func tornLinesAreSkippedAndCounted() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let path = temporary.directory.eventsPath(of: run)
        try Data("{\"seq\":0}\n{\"seq\":1,\"te".utf8).write(to: URL(filePath: path))
        do {
            var reader = try EventLogReader(run, in: temporary.directory)
            #expect(try reader.events() == [["seq": 0]])
            let hasTornTail = reader.hasTornTail
            #expect(hasTornTail)
            let skippedLines = reader.skippedLines
            #expect(skippedLines == 0)
        }
        // To hold it changes nothing.
        do { _ = try EventLog(resuming: run, in: temporary.directory) }
        #expect(try Data(contentsOf: URL(filePath: path)).count == 22)
        let log = try EventLog(resuming: run, in: temporary.directory)
        try log.append(["seq": 2])
        try log.flush(durable: true)
        var reader = try EventLogReader(run, in: temporary.directory)
        #expect(try reader.events() == [["seq": 0], ["seq": 2]])
        let hasTornTail = reader.hasTornTail
        #expect(!hasTornTail)
        let skippedLines = reader.skippedLines
        #expect(skippedLines == 1)
    }

    @Test func everyCutIsRead() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let path = temporary.directory.eventsPath(of: run)
        let whole = Array("{\"seq\":0}\n{\"seq\":1}\n{\"seq\":2}\n".utf8)
        for count in 0...whole.count {
            try Data(whole.prefix(count)).write(to: URL(filePath: path))
            var reader = try EventLogReader(run, in: temporary.directory)
            #expect(try reader.events().count == count / 10)
            let hasTornTail = reader.hasTornTail
            #expect(hasTornTail == (count % 10 != 0))
        }
    }

    @Test func concurrentAppendsKeepEachWritersOrder() async throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        try log.append(["w": .number(JSONNumber(writer)), "n": .number(JSONNumber(number))])
                        if number % 100 == writer { try log.flush(durable: number % 200 == writer) }
                    }
                }
            }
            try await group.waitForAll()
        }
        try log.flush(durable: false)
        let read = try events(run, temporary)
        #expect(read.count == 4_000)
        for writer in 0..<8 {
            let numbers = read.filter { $0["w"]?.intValue == writer }.map { $0["n"]?.intValue }
            #expect(numbers == Array(0..<500))
        }
    }

    @Test func thereIsOneWriter() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        do {
            let log = try EventLog(creating: run, in: temporary.directory)
            let error = #expect(throws: StoreError.self) { try EventLog(resuming: run, in: temporary.directory) }
            #expect(error?.code == .inUse)
            #expect(error?.path == log.path)
        }
        // The lock ends with the writer.
        _ = try EventLog(resuming: run, in: temporary.directory)
        let error = #expect(throws: StoreError.self) { try EventLog(creating: run, in: temporary.directory) }
        #expect(error?.code == .inUse)
    }

    @Test func whoLooksWhetherARunGoesOnIsNotInTheWay() async throws {
        let temporary = try TemporaryRuns()
        let directory = temporary.directory
        let run = try directory.makeRun()
        do { _ = try EventLog(creating: run, in: directory) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    while !Task.isCancelled {
                        _ = directory.isBeingWritten(run)
                        await Task.yield()
                    }
                }
            }
            for _ in 0..<2_000 {
                let log = try EventLog(resuming: run, in: directory)
                #expect(directory.isBeingWritten(run))
                withExtendedLifetime(log) {}
            }
            group.cancelAll()
        }
        // Nor is one taken for a writer by another.
        let looker = try File(directory.eventsPath(of: run), .read)
        #expect(flock(looker.descriptor, LOCK_SH | LOCK_NB) == 0)
        #expect(!directory.isBeingWritten(run))
    }

    @Test func theLastReferenceWritesTheRest() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        do { try EventLog(creating: run, in: temporary.directory).append(["seq": 0]) }
        #expect(try events(run, temporary) == [["seq": 0]])
    }

    @Test func aVanishedDirectoryIsReported() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        try log.append(["seq": 0])
        try FileManager.default.removeItem(atPath: temporary.directory.directory(of: run))
        let error = #expect(throws: StoreError.self) { try log.flush(durable: false) }
        #expect(error?.code == .notFound)
        #expect(error?.path == log.path)
        #expect(throws: StoreError.self) { try log.flush(durable: true) }
        let missing = #expect(throws: StoreError.self) { _ = try EventLogReader(run, in: temporary.directory) }
        #expect(missing?.code == .notFound)
        let gone = #expect(throws: StoreError.self) { try EventLog(resuming: run, in: temporary.directory) }
        #expect(gone?.code == .notFound)
    }

    @Test func aLogThatVanishesAfterItsFlushIsReported() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let log = try EventLog(creating: run, in: temporary.directory)
        try log.append(["seq": 0])
        try log.flush(durable: true)
        try FileManager.default.removeItem(atPath: log.path)
        let error = #expect(throws: StoreError.self) { try log.flush(durable: true) }
        #expect(error?.code == .notFound)
    }

    @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
    func aFullDeviceIsReportedEachTime() throws {
        let log = try EventLog(File("/dev/full", .append))
        try log.append(["seq": 0])
        for _ in 0..<2 {
            let error = #expect(throws: StoreError.self) { try log.flush(durable: true) }
            #expect(error?.code == .noSpace)
            #expect(error?.description.contains("XDG_STATE_HOME") == true)
        }
        // Once the buffer is full, more is refused, so that memory stays bounded.
        let half: JSON = ["text": .string(String(repeating: "x", count: EventLog.bufferLimit / 2))]
        try log.append(half)
        try log.append(half)
        #expect(throws: StoreError.self) { try log.append(half) }
        #expect(throws: StoreError.self) { try log.append(half) }
    }

    #if os(Linux)
        @Test(.enabled(if: TinyDisk.isMountable, "needs the right to mount a tmpfs"))
        func aFullDiskLosesNothingThatWasAccepted() throws {
            let disk = try TinyDisk()
            let directory = RunStateDirectory(path: disk.path + "/runs")
            let run = try directory.makeRun()
            let log = try EventLog(creating: run, in: directory)
            let filler = disk.path + "/filler"
            try Data(repeating: 0, count: 150_000).write(to: URL(filePath: filler))
            var accepted: [JSON] = []
            var refusal: StoreError?
            for number in 0..<2_000 where refusal == nil {
                let event: JSON = [
                    "n": .number(JSONNumber(number)), "text": .string(String(repeating: "x", count: 500)),
                ]
                do throws(StoreError) {
                    try log.append(event)
                    accepted.append(event)
                } catch {
                    refusal = error
                }
            }
            #expect(refusal?.code == .noSpace)
            // What reached the disk is readable, but for its end.
            var early = try EventLogReader(run, in: directory)
            let readable = try early.events()
            #expect(readable == Array(accepted.prefix(readable.count)))
            let earlySkippedLines = early.skippedLines
            #expect(earlySkippedLines == 0)

            try FileManager.default.removeItem(atPath: filler)
            try log.append(["n": "after"])
            try log.flush(durable: true)
            var reader = try EventLogReader(run, in: directory)
            #expect(try reader.events() == accepted + [["n": "after"]])
            let skippedLines = reader.skippedLines
            #expect(skippedLines == 0)
        }
    #endif

    #if os(Linux)
        @Test func whatWasFlushedSurvivesAKill() async throws {
            let temporary = try TemporaryRuns()
            let run = try temporary.directory.makeRun()
            let path = temporary.directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, name = run.description as String] in
                let run = try #require(RunName(name))
                let log = try EventLog(creating: run, in: RunStateDirectory(path: path))
                for number in 0..<1_000 { try log.append(["seq": .number(JSONNumber(number))]) }
                try log.flush(durable: false)
                for number in 1_000..<100_000 { try log.append(["seq": .number(JSONNumber(number))]) }
                kill(getpid(), SIGKILL)
            }
            var reader = try EventLogReader(run, in: temporary.directory)
            let numbers = try reader.events().map { $0["seq"]?.intValue }
            #expect(numbers.count >= 1_000)
            #expect(numbers == Array(0..<numbers.count))
            let skippedLines = reader.skippedLines
            #expect(skippedLines == 0)
            // The lock died with the process.
            _ = try EventLog(resuming: run, in: temporary.directory)
        }
    #endif
}

#if os(Linux)
    /// A file system of 256 KiB in memory.
    private final class TinyDisk {
        let path: String

        /// Whether this process may mount; tried, as no other sign is reliable.
        static let isMountable = (try? TinyDisk()) != nil

        init() throws {
            path = FileManager.default.temporaryDirectory.appending(path: "forerun-disk-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            guard mount("tmpfs", path, "tmpfs", 0, "size=256k") == 0 else {
                rmdir(path)
                throw CocoaError(.fileWriteNoPermission)
            }
        }

        deinit {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }
    }
#endif
