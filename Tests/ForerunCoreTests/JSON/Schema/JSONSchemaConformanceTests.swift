import FoundationEssentials
import Testing

@testable import ForerunCore

/// The validator against the required part of JSON-Schema-Test-Suite, which lies beside the repository.
struct JSONSchemaConformanceTests {
    static let files = conformanceFiles("json-schema/draft2020-12")

    /// Groups that need a document which is not there: nothing is fetched. They must fail to compile. `*`: the whole file.
    static let remote: [String: Set<String>] = [
        "refRemote": ["*"],
        "defs": ["validate definition against metaschema"],
        "ref": ["remote ref, containing refs itself"],
        "dynamicRef": [
            "strict-tree schema, guards against misspelled properties",
            "tests for implementation dynamic anchor and reference link",
            "$ref and $dynamicAnchor are independent of order - $defs first",
            "$ref and $dynamicAnchor are independent of order - $ref first",
            "$ref to $dynamicRef finds detached $dynamicAnchor",
        ],
    ]

    /// Groups whose `$schema` names a meta-schema that is not there and switches keywords off; ours never are.
    static let vocabularies: Set<String> = ["schema that uses custom metaschema with with no validation vocabulary"]

    @Test(.enabled(if: !files.isEmpty, "needs ../shared/conformance"))
    func onlyTheNamedGroupsAreSkipped() throws {
        var tests = 0
        var skipped = 0
        for file in Self.files {
            let name = String(file.lastPathComponent.dropLast(".json".count))
            for group in try #require(try JSON(parsing: try Data(contentsOf: file)).arrayValue) {
                let title = try #require(group["description"]?.stringValue)
                let count = try #require(group["tests"]?.arrayValue).count
                tests += count
                let isRemote = Self.remote[name].map { $0.contains("*") || $0.contains(title) } ?? false
                if isRemote || Self.vocabularies.contains(title) { skipped += count }
            }
        }
        #expect(tests == 1_299)
        #expect(skipped == 51)
    }

    @Test(.enabled(if: !files.isEmpty, "needs ../shared/conformance"), arguments: files)
    func verdicts(file: URL) throws {
        let name = String(file.lastPathComponent.dropLast(".json".count))
        let groups = try #require(try JSON(parsing: try Data(contentsOf: file)).arrayValue)
        for group in groups {
            let title = try #require(group["description"]?.stringValue)
            let document = try #require(group["schema"])
            if Self.vocabularies.contains(title) { continue }
            let remote = Self.remote[name] ?? []
            if remote.contains("*") || remote.contains(title) {
                #expect(throws: JSONSchemaError.self, "\(title)") { try JSONSchema(document) }
                continue
            }
            let schema: JSONSchema
            do { schema = try JSONSchema(document) } catch {
                Issue.record("\(name): \(title): \(error)")
                continue
            }
            for test in try #require(group["tests"]?.arrayValue) {
                let violations = schema.validate(try #require(test["data"]))
                let description = test["description"]?.stringValue ?? ""
                #expect(violations.isEmpty == test["valid"]?.boolValue, "\(title): \(description): \(violations)")
            }
        }
    }
}
