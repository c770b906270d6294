import ForerunCore
import ForerunLearning
import ForerunRecords

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A directory with the databases of the domains whose tools are known: `retail.orders.json`, also with a prefix
/// (`taubench.retail.orders.json`), also compressed by gzip.
struct RecordsFolder {
    private let path: String
    private let names: Set<String>

    init(_ path: String) throws(ReplayError) {
        guard let directory = opendir(path) else {
            throw ReplayError(
                "cannot read the directory \(path): \(String(cString: strerror(errno)))",
                remedy: "Give --records the directory with the databases, such as retail.orders.json", isUsage: true)
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            names.insert(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        self.path = path
        self.names = names
    }

    private static let domains: [any RecordTools] = [RetailTools(), AirlineTools()]

    /// The tools of a domain that a database performs; `nil`: none is known for it.
    static func tools(of domain: String) -> (any RecordTools)? { domains.first { $0.name == domain } }

    /// Opens the database of a domain; `nil`: there is none here.
    func open(_ tools: any RecordTools) async throws(ReplayError) -> ReplayRecords? {
        let files = tools.tables.compactMap { table in file("\(tools.name).\(table).json").map { (table, $0) } }
        guard files.count == tools.tables.count else { return nil }
        do throws(EnvironmentFailure) {
            let database = try RecordsDatabase()
            for (table, file) in files { try database.load(table, from: try bytes(of: file)) }
            let environment = RecordsEnvironment(tools, over: database)
            _ = try await environment.open()
            return ReplayRecords(environment)
        } catch {
            throw ReplayError("the database of \(tools.name) in \(path): \(error.message)", remedy: error.remedy ?? "")
        }
    }

    private func file(_ name: String) -> String? {
        for ending in [name, name + ".gz"] {
            if names.contains(ending) { return ending }
            // Of several, always the same one.
            if let prefixed = names.filter({ $0.hasSuffix("." + ending) }).min() { return prefixed }
        }
        return nil
    }

    private func bytes(of file: String) throws(EnvironmentFailure) -> [UInt8] {
        do throws(ByteSource.Failure) { return try ByteSource.contents(of: "\(path)/\(file)") } catch {
            switch error {
            case .system(let reason):
                throw EnvironmentFailure(.unavailable, "\(file): \(reason)", remedy: "Make it readable")
            case .truncated, .damaged: throw EnvironmentFailure(.failed, "\(file) is damaged", remedy: "Fetch it anew")
            }
        }
    }
}
