import Testing

@testable import ForerunCore

struct JSONSchemaTests {
    private func complaints(_ schema: JSON, _ value: JSON) throws -> [String] {
        try JSONSchema(schema).validate(value).map(\.description)
    }

    @Test func violationsTellHowToCorrectThem() throws {
        let schema: JSON = [
            "type": "object", "required": ["path", "count"], "additionalProperties": false,
            "properties": [
                "path": ["type": "string", "minLength": 1], "count": ["type": "integer", "maximum": 10],
                "mode": ["enum": ["read", "write"]],
                "a/b~c": ["type": "array", "items": ["type": ["string", "null"]]],
            ],
        ]
        #expect(try complaints(schema, ["path": "x", "count": 3]).isEmpty)
        #expect(try complaints(schema, ["path": "x", "count": "3"]) == ["/count: expected integer, got string"])
        #expect(try complaints(schema, ["path": "x", "count": 1.5]) == ["/count: expected integer, got 1.5"])
        #expect(try complaints(schema, ["path": "x", "count": 11]) == ["/count: expected at most 10, got 11"])
        #expect(
            try complaints(schema, ["path": "", "count": 1, "mode": "run", "a/b~c": ["x", 4]]) == [
                "/path: expected at least 1 characters, got 0", #"/mode: expected one of "read", "write", got "run""#,
                "/a~1b~0c/1: expected string or null, got integer",
            ])
        #expect(
            try complaints(schema, ["Path": "x", "count": 1]) == [
                #"the required property "path" is missing"#,
                #"unknown property "Path"; known: "a/b~c", "count", "mode", "path""#,
            ])
        #expect(try complaints(schema, [1]) == ["expected object, got array"])
    }

    @Test func failedAlternativesAreExplained() throws {
        let schema: JSON = [
            "properties": ["x": ["anyOf": [["type": "string"], ["type": "object", "required": ["a"]]]]]
        ]
        #expect(
            try complaints(schema, ["x": 1]) == [
                "/x: fits none of 2 alternatives: (1) /x: expected string, got integer; (2) /x: expected object, got integer"
            ])
        #expect(
            try complaints(["oneOf": [["type": "number"], true, ["minimum": 5]]], 3) == [
                "fits the alternatives 1 and 2 at once, but must fit exactly one"
            ])
    }

    @Test func violationsAreLimited() throws {
        let items = JSON.array(Array(repeating: 1, count: 1_000))
        #expect(try complaints(["items": ["type": "string"]], items).count == JSONSchemaViolation.limit)
    }

    @Test(arguments: [
        ("0.3", "0.1", true), ("0.35", "0.1", false), ("1e308", "0.5", true), ("1e308", "0.123456789", false),
        ("1e9999", "7", false), ("1e9999", "5e-9999", true), ("123456789012345678901234567890", "10", true),
        ("123456789012345678901234567891", "10", false), ("123456789012345678901234567891", "3", false),
        ("123456789012345678901234567893", "3", true), ("0", "1e300", true), ("5", "1e300", false),
        ("-7.5", "2.5", true),
        ("9007199254740993", "2", false), ("0.0075", "0.0001", true), ("0.00751", "0.0001", false),
        ("121932631137021795226185032733622923332237463801111263526900", "987654321098765432109876543210", true),
        ("121932631137021795226185032733622923332237463801111263526901", "987654321098765432109876543210", false),
    ])
    func multiplesAreExact(value: String, divisor: String, isMultiple: Bool) throws {
        let schema = try JSONSchema(JSON(members: [("multipleOf", JSON(parsing: divisor))]))
        #expect(try schema.validate(JSON(parsing: value)).isEmpty == isMultiple)
    }

    /// Strictly ascending.
    private static let ascending = [
        "-1e9999", "-1e400", "-9223372036854775809", "-9223372036854775808", "-10", "-9.5", "-9", "-0.1", "-0.01",
        "-1e-9999",
        "0", "1e-9999", "1e-7", "0.01", "0.0100000000000000000001", "0.1", "1", "1.5", "2", "10", "11", "100",
        "9007199254740992.5", "9007199254740993", "9223372036854775807", "9223372036854775807.5", "9223372036854775808",
        "1e21", "1.000000000000000000000001e21", "1e400",
    ]

    @Test func numbersAreOrderedByValue() throws {
        let numbers = try Self.ascending.map { text in
            guard case .number(let number) = try JSON(parsing: text) else { throw JSONError(message: "", offset: 0) }
            return number
        }
        for (left, a) in numbers.enumerated() {
            for (right, b) in numbers.enumerated() {
                #expect((a < b) == (left < right), "\(a.literal) \(b.literal)")
                #expect((a == b) == (left == right))
            }
        }
    }

    @Test(arguments: [
        (#"^\d+$"#, "12", true), (#"^\d+$"#, "١٢", false), (#"^\d+$"#, "12\n", false), ("b", "abc", true),
        ("^a.c$", "a\nc", false),
        (#"^\w+$"#, "aé", false), (#"^\p{L}+$"#, "aé", true), (#"^a\/b\-c$"#, "a/b-c", true),
        (#"^[^\s]{2,3}$"#, "ab", true),
        ("^.$", "😀", true), ("^.$", "e\u{301}", false), ("(?<y>\\d{4})-(?=x)", "2026-x", true),
        (#"^\u0041$"#, "A", true),
        ("^(a|b)*?$", "abab", true), ("", "anything", true), ("\r\n", "\r\n", true), ("\\n", "\r\n", true),
        ("^[A-Za-z_][A-Za-z0-9_-]*$", "read_file-2", true), (#"^\S+@\S+\.\S+$"#, "a@b.c", true), ("^[-a]$", "-", true),
    ])
    func patternsFollowECMA(pattern: String, text: String, matches: Bool) throws {
        let schema = try JSONSchema(["pattern": .string(pattern)])
        #expect(schema.validate(.string(text)).isEmpty == matches)
    }

    @Test(
        arguments: [
            (["type": "text"], ""), (["properties": ["a": ["minimum": "3"]]], "/properties/a"), (["pattern": "["], ""),
            (["items": [["type": "string"]]], "/items"), (["$ref": "https://example.com/schema"], ""),
            (["$ref": "#/$defs/x"], ""),
            (["$ref": "#"], ""), (["multipleOf": 0], ""), (["minLength": -1], ""), (["required": "a"], ""),
            (["allOf": []], ""),
            (["anyOf": [true, ["not": ["$ref": "#"]]]], "/anyOf/1/not"), (3, ""), (["not": ["enum": "a"]], "/not"),
            (["$defs": ["a": ["$ref": "#/$defs/b"], "b": ["allOf": [["$ref": "#/$defs/a"]]]]], "/$defs/b/allOf/0"),
        ] as [(JSON, String)])
    func unusableSchemasAreRefused(schema: JSON, location: String) {
        let error = #expect(throws: JSONSchemaError.self) { try JSONSchema(schema) }
        #expect(error?.location == location, "\(error?.description ?? "")")
    }

    @Test func endlessDynamicReferencesEnd() throws {
        let schema: JSON = [
            "$id": "https://example.com/a", "$dynamicAnchor": "n", "allOf": [["$ref": "b"]],
            "$defs": ["b": ["$id": "b", "$dynamicRef": "#n", "$defs": ["n": ["$dynamicAnchor": "n"]]]],
        ]
        let complaints = try complaints(schema, 1)
        #expect(complaints.first?.contains("without end") == true)
    }

    @Test func deepValuesAreValidated() throws {
        let tree = try JSONSchema(["type": "array", "items": ["$ref": "#"]])
        let depth = JSON.depthLimit
        let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(tree.validate(try JSON(parsing: deep)).isEmpty)
        let wrong = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        #expect(tree.validate(try JSON(parsing: wrong)).map(\.message) == ["expected array, got integer"])
        let heavy = try JSONSchema([
            "allOf": [["allOf": [["allOf": [["items": ["$ref": "#"]]]]]]], "type": "array",
        ])
        #expect(heavy.validate(try JSON(parsing: deep)).first?.message == "too deeply nested to be validated")
    }

    @Test func olderDefinitionsCanBeReferredTo() throws {
        let schema: JSON = [
            "$schema": "http://json-schema.org/draft-07/schema#", "properties": ["a": ["$ref": "#/definitions/name"]],
            "definitions": ["name": ["type": "string"]],
        ]
        #expect(try complaints(schema, ["a": 1]) == ["/a: expected string, got integer"])
    }
}

struct JSONSchemaDefaultsTests {
    private func filled(_ schema: JSON, _ value: JSON) throws -> JSON {
        try JSONSchema(schema).fillingDefaults(in: value)
    }

    @Test func absentPropertiesAreFilledAtEveryDepth() throws {
        let schema: JSON = [
            "properties": [
                "limit": ["type": "integer", "default": 10], "path": ["type": "string"],
                "options": ["properties": ["deep": ["default": true]], "default": [:]],
                "items": ["items": ["$ref": "#/$defs/item"]],
            ],
            "allOf": [["properties": ["mode": ["$ref": "#/$defs/mode"]]]],
            "$defs": ["item": ["properties": ["n": ["default": nil]]], "mode": ["default": "read"]],
        ]
        #expect(
            try filled(schema, ["path": "a", "items": [[:], ["n": 1], 3]]) == [
                "path": "a", "items": [["n": nil], ["n": 1], 3], "limit": 10, "options": ["deep": true], "mode": "read",
            ])
        #expect(
            try filled(schema, ["limit": nil, "options": 1, "mode": 2]) == ["limit": nil, "options": 1, "mode": 2])
        #expect(try filled(schema, "text") == "text")
    }

    @Test func alternativesFillNothing() throws {
        let schema: JSON = [
            "anyOf": [["properties": ["a": ["default": 1]]]], "if": true, "then": ["properties": ["b": ["default": 1]]],
        ]
        #expect(try filled(schema, [:]) == [:])
    }

    @Test func recursiveDefaultsEnd() throws {
        let schema: JSON = [
            "properties": ["a": ["$ref": "#/$defs/a"]],
            "$defs": [
                "a": ["$ref": "#/$defs/b"], "b": ["properties": ["a": ["$ref": "#", "default": [:]]], "default": [:]],
            ],
        ]
        let once = try filled(schema, [:])
        #expect(once["a"] != nil)
        #expect(
            try JSONSchema(["properties": ["a": ["$ref": "#", "default": [:]]]]).fillingDefaults(in: [:]) == ["a": [:]])
    }
}
