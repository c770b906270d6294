import ForerunCore
import ForerunEndpoints
import Glibc
import Testing

struct KeySourceTests {
    @Test func isReadFromConfiguration() {
        #expect(KeySource("env:NAME") == .environment("NAME"))
        #expect(KeySource("file:/a:b") == .file("/a:b"))
        #expect(KeySource("none") == KeySource.none)
        for text in ["", "env:", "file:", "sk-12345", "NAME"] { #expect(KeySource(text) == nil) }
    }

    @Test func readsAVariable() throws {
        setenv("FORERUN_TEST_KEY_A", " sk-1 \n", 1)
        #expect(try KeySource.environment("FORERUN_TEST_KEY_A").resolve() == Secret("sk-1"))
        setenv("FORERUN_TEST_KEY_B", " ", 1)
        setenv("FORERUN_TEST_KEY_C", "two\nlines", 1)
        for name in ["FORERUN_TEST_KEY_B", "FORERUN_TEST_KEY_C", "FORERUN_TEST_KEY_MISSING"] {
            let failure = #expect(throws: ModelFailure.self) { try KeySource.environment(name).resolve() }
            #expect(failure?.kind == .authentication)
            #expect(failure?.remedy?.contains(name) == true)
            #expect(failure?.description.contains("lines") == false)
        }
    }

    @Test func readsAFileThatIsItsOwnersAlone() throws {
        var template = Array("/tmp/forerun-key-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        defer { close(descriptor) }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        _ = write(descriptor, "sk-file\n", 8)
        #expect(try KeySource.file(path).resolve() == Secret("sk-file"))
        chmod(path, 0o400)
        #expect(try KeySource.file(path).resolve() == Secret("sk-file"))
        for mode: mode_t in [0o640, 0o604, 0o660, 0o610] {
            chmod(path, mode)
            let failure = #expect(throws: ModelFailure.self) { try KeySource.file(path).resolve() }
            #expect(failure?.remedy?.contains("chmod 600 \(path)") == true)
        }
        #expect(throws: ModelFailure.self) { try KeySource.file("/tmp").resolve() }
        #expect(throws: ModelFailure.self) { try KeySource.file("/tmp/forerun-no-such-key").resolve() }
    }

    @Test func aSecretIsNeverPrinted() {
        let secret = Secret("sk-12345")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \([secret]) \(dumped)".contains("12345"))
    }
}
