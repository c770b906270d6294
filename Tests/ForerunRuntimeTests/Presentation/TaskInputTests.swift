import ForerunRuntime
import Glibc
import Testing

struct TaskInputTests {
    /// The task that comes of an argument and a pipe with `text` in it; `nil`: a pipe that stays silent.
    private func task(_ argument: String?, piped text: String?) throws -> String? {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        if let text {
            _ = text.withCString { write(ends[1], $0, strlen($0)) }
            close(ends[1])
        }
        defer { if text == nil { close(ends[1]) } }
        return try TaskInput.task(argument, descriptor: ends[0])
    }

    @Test func pipes() throws {
        #expect(try task("Do", piped: "more\n") == "Do\n\n<stdin>\nmore\n</stdin>")
        #expect(try task("Do", piped: "") == "Do")
        #expect(try task("Do", piped: " \n") == "Do")
        #expect(try task("Do", piped: nil) == "Do")
        #expect(try task(nil, piped: "it\n") == "it")
        #expect(try task(nil, piped: nil) == nil)
        #expect(try task(nil, piped: "") == nil)
        #expect(try task("-", piped: " it \n") == "it")
        #expect(throws: Complaint.self) { try task("-", piped: "\n") }
    }

    @Test func devicesAndClosedDescriptorsAreLeftAlone() throws {
        for path in ["/dev/null", "/dev/zero"] {
            let descriptor = open(path, O_RDONLY)
            defer { close(descriptor) }
            #expect(try TaskInput.task("Do", descriptor: descriptor) == "Do")
            #expect(try TaskInput.task(nil, descriptor: descriptor) == nil)
        }
        #expect(try TaskInput.task("Do", descriptor: 1_000_000) == "Do")
    }
}
