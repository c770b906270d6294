import ForerunCore
import ForerunRecords
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The recorded runs and databases beside the repository; tests that need them are skipped where they are missing.
enum Recordings {
    /// `shared/traces` in the repository or, usually, beside it.
    private static let folder: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        while parts.count > 1 {
            parts.removeLast()
            let folder = parts.joined(separator: "/") + "/shared/traces"
            if access(folder, R_OK) == 0 { return folder }
        }
        return "/shared/traces"
    }()

    static let areThere =
        access(folder + "/env/taubench.retail.orders.json.gz", R_OK) == 0 && gunzip("/dev/null") != nil
    static let reason: Comment = "needs ../shared/traces and the program gzip"

    /// tau-bench's database of a domain, in memory.
    static func database(_ domain: any RecordTools) throws -> RecordsDatabase {
        let database = try RecordsDatabase()
        for table in domain.tables {
            let bytes = try #require(gunzip("\(folder)/env/taubench.\(domain.name).\(table).json.gz"))
            try database.load(table, from: bytes)
        }
        return database
    }

    /// The lines of `retail.dev` and the like.
    static func lines(_ file: String) throws -> [ArraySlice<UInt8>] {
        try #require(gunzip("\(folder)/\(file).jsonl.gz")).split(separator: UInt8(ascii: "\n"))
    }

    /// The bytes of a gzip file; `nil`: it could not be read.
    private static func gunzip(_ path: String) -> [UInt8]? {
        guard let pipe = popen("exec gzip -dcf '\(path)'", "r") else { return nil }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
                count = fread(buffer.baseAddress, 1, buffer.count, pipe)
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        return pclose(pipe) == 0 ? bytes : nil
    }
}
