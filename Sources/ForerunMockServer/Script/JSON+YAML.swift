import ForerunCore
import Yams

extension JSON {
    /// The value of a YAML node by the core schema of YAML 1.2: `yes`, `on` and times are texts.
    init(_ node: Node) {
        if let mapping = node.mapping {
            self.init(members: mapping.map { ($0.key.string ?? "", JSON($0.value)) })
        } else if let sequence = node.sequence {
            self = .array(sequence.map { JSON($0) })
        } else if let scalar = node.scalar {
            self = scalar.style == .plain || scalar.style == .any ? JSON(plain: scalar.string) : .string(scalar.string)
        } else {
            self = .null
        }
    }

    private init(plain text: String) {
        switch text {
        case "", "~", "null": self = .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default:
            let isNumeric = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
            if isNumeric, let whole = Int(text) {
                self = .number(JSONNumber(whole))
            } else if isNumeric, let number = Double(text) {
                self = .number(JSONNumber(number))
            } else {
                self = .string(text)
            }
        }
    }
}
