package import ForerunCore

/// Tells arguments that had better not be kept: what looks like a key, a password, an e-mail or a card number.
///
/// A rule of thumb, and meant to be too careful: what is suspected is merely not learnt.
package enum SecretScreen {
    private static let tellingNames = [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "authorization", "bearer", "credential",
        "privatekey", "accesskey",
    ]
    private static let prefixes = ["sk-", "pk_", "ghp_", "gho_", "github_pat_", "glpat-", "xox", "AKIA", "AIza", "eyJ"]

    /// Whether anything in `value` looks like a secret, names of members included.
    package static func suspects(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool: return false
        case .number(let number): return isCardNumber(number.literal)
        case .string(let text): return suspects(text)
        case .array(let values): return values.contains(where: suspects)
        case .object(let members):
            return members.contains { isTelling($0.key) && !$0.value.isNull || suspects($0.value) }
        }
    }

    package static func suspects(_ text: String) -> Bool {
        if text.contains("-----BEGIN") || isCardNumber(text) { return true }
        // `password=…`, `"api_key": "…"`, `Authorization: Bearer …`
        let parts = text.split(omittingEmptySubsequences: true) { "=:".contains($0) }
        if parts.dropLast().contains(where: { isTelling($0.suffix(24)) }) { return true }
        return text.split(whereSeparator: { " \t\r\n\"'`,;()[]{}<>|&$=".contains($0) }).contains(where: isSecretWord)
    }

    private static func isTelling(_ name: some StringProtocol) -> Bool {
        let letters = name.lowercased().filter(\.isLetter)
        return tellingNames.contains { letters.hasSuffix($0) || letters.hasPrefix($0) && letters.count < $0.count + 8 }
    }

    private static func isSecretWord(_ word: Substring) -> Bool {
        if word.count >= 16, prefixes.contains(where: { word.hasPrefix($0) }) { return true }
        if let at = word.firstIndex(of: "@"), at != word.startIndex, word[at...].dropFirst().contains(".") {
            return true
        }
        return word.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "-_+".contains($0))) }.contains(
            where: isRandom)
    }

    /// A long word in which letters and digits change often, as in keys and hashes, not in words and versions.
    private static func isRandom(_ word: Substring) -> Bool {
        guard word.count >= 20 else { return false }
        let kinds = word.filter { $0.isLetter || $0.isNumber }.map(\.isNumber)
        return zip(kinds, kinds.dropFirst()).count { $0 != $1 } >= 4
    }

    /// 13 to 19 digits, perhaps in groups (ISO/IEC 7812), that pass Luhn's check.
    private static func isCardNumber(_ text: String) -> Bool {
        for part in text.split(whereSeparator: { !($0.isASCII && ($0.isNumber || " -".contains($0))) }) {
            let digits = part.compactMap(\.wholeNumberValue)
            guard (13...19).contains(digits.count) else { continue }
            var sum = 0
            for (place, digit) in digits.reversed().enumerated() {
                sum += place % 2 == 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
            }
            if sum % 10 == 0 { return true }
        }
        return false
    }
}
