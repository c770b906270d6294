extension JSONParser {
    /// Reads a string; the position is at its first quotation mark.
    mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        skipRun()
        guard let next else { throw error("unfinished string", at: start) }
        if next == UInt8(ascii: "\"") {
            let run = bytes[start + 1..<position]
            position += 1
            return try validated(UnsafeBufferPointer(rebasing: run), from: start)
        }
        return try escapedString(from: start)
    }

    /// Goes on behind the first run of a string that has escapes.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start + 1..<position])
        while let next {
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                let contents = text
                return try contents.withUnsafeBufferPointer { contents throws(JSONError) in
                    try validated(contents, from: start)
                }
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            default:
                throw error("control character in a string, which must be escaped,")
            }
            let run = position
            skipRun()
            text += bytes[run..<position]
        }
        throw error("unfinished string", at: start)
    }

    /// Skips what stands for itself.
    private mutating func skipRun() {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
            position += 1
        }
    }

    private func validated(_ contents: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: contents, as: UTF8.self) else {
            throw error("invalid UTF-8 in the string that starts", at: start)
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard let kind = next else { throw error("unfinished escape", at: start) }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try codeUnit(from: start)
            if 0xD800..<0xDC00 ~= code, next == UInt8(ascii: "\\") {
                position += 1
                guard next == UInt8(ascii: "u") else { throw error("lone surrogate", at: start) }
                position += 1
                let low = try codeUnit(from: start)
                guard 0xDC00..<0xE000 ~= low else { throw error("lone surrogate", at: start) }
                code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate", at: start) }
            text.append(contentsOf: UTF8.encode(scalar)!)
        default:
            throw error("unknown escape", at: start)
        }
    }

    /// The four hexadecimal digits of an escape.
    private mutating func codeUnit(from start: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw error("escape without four hexadecimal digits", at: start)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// Reads a number; the position is at its first character.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let first = position
        let wholeDigits = skipDigits()
        guard wholeDigits > 0 else { throw error("number without digits") }
        guard wholeDigits == 1 || bytes[first] != UInt8(ascii: "0") else {
            throw error("number with a leading zero", at: start)
        }
        var isPlain = wholeDigits <= 18
        if next == UInt8(ascii: ".") {
            isPlain = false
            position += 1
            guard skipDigits() > 0 else { throw error("no digits behind the decimal point") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isPlain = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw error("exponent without digits") }
        }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if isPlain, bytes[first] != UInt8(ascii: "0") {
            return JSONNumber(canonical: String(decoding: text, as: UTF8.self))
        }
        guard let number = JSONNumber(validated: text) else {
            throw error("number out of range (powers of ten to ±\(JSONNumber.exponentLimit))", at: start)
        }
        return number
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        return position - start
    }
}
