/// JSON Pointers (RFC 6901), as text.
enum JSONPointer {
    /// `pointer`, one step deeper.
    static func appending(_ step: String, to pointer: String) -> String {
        guard step.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(pointer)/\(step)"
        }
        var text = pointer + "/"
        for character in step.unicodeScalars {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// The value to which `pointer` leads from `root`; `nil` where there is none.
    static func value(at pointer: String, in root: JSON) -> JSON? {
        guard !pointer.isEmpty else { return root }
        guard pointer.hasPrefix("/") else { return nil }
        var value = root
        for step in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            switch value {
            case .object:
                guard let member = value[unescaped(step)] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Int(step), elements.indices ~= index, String(index) == step else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// The pointer one step up; `nil` at the root.
    static func parent(of pointer: String) -> String? {
        pointer.lastIndex(of: "/").map { String(pointer[..<$0]) }
    }

    private static func unescaped(_ step: Substring) -> String {
        guard step.utf8.contains(UInt8(ascii: "~")) else { return String(step) }
        var text = ""
        var rest = step.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "~", rest.first == "0" || rest.first == "1" {
                text += rest.removeFirst() == "0" ? "~" : "/"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
