import FoundationEssentials
import Testing

@testable import ForerunCore

/// The parser against JSONTestSuite, which lies beside the repository.
struct JSONConformanceTests {
    static let files: [URL] = conformanceFiles("json/test_parsing")

    /// Files on which RFC 8259 leaves the verdict to us: these we accept, all others that begin with `i_` we refuse.
    static let accepted: Set<String> = [
        "i_number_double_huge_neg_exp",  // exact, however small
        "i_number_neg_int_huge_exp",  // 10⁹⁹⁹⁹ is the limit
        "i_number_pos_double_huge_exp",  // so is this
        "i_number_too_big_neg_int",
        "i_number_too_big_pos_int",
        "i_number_very_big_negative_int",
        "i_structure_500_nested_arrays",
    ]

    @Test(.enabled(if: !files.isEmpty, "needs ../shared/conformance"), arguments: files)
    func verdict(file: URL) throws {
        let name = String(file.lastPathComponent.dropLast(".json".count))
        let bytes = [UInt8](try Data(contentsOf: file))
        let isAccepted = (try? JSON(parsing: bytes)) != nil
        let expected =
            switch name.prefix(2) {
            case "y_": true
            case "n_": false
            default: Self.accepted.contains(name)
            }
        #expect(isAccepted == expected)
    }

    @Test(.enabled(if: !files.isEmpty, "needs ../shared/conformance"))
    func suiteIsWhole() {
        #expect(Self.files.count == 318)
        let names = Set(Self.files.map { String($0.lastPathComponent.dropLast(".json".count)) })
        #expect(Self.accepted.isSubset(of: names))
    }

    @Test(.enabled(if: !files.isEmpty, "needs ../shared/conformance"), arguments: files)
    func whatParsesIsWrittenAndReadBack(file: URL) throws {
        guard let value = try? JSON(parsing: try Data(contentsOf: file)) else { return }
        #expect(try JSON(parsing: value.text) == value)
        #expect(try JSON(parsing: value.canonicalText).text == value.canonicalText)
    }
}

/// The files of a folder of `../shared/conformance`, sorted by name; none where it is missing.
func conformanceFiles(_ folder: String) -> [URL] {
    var root = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<5 { root.deleteLastPathComponent() }
    let path = root.appending(path: "shared/conformance/\(folder)").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { URL(filePath: path).appending(path: $0) }
}
