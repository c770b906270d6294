import ForerunCore
import ForerunEndpoints

/// The token that a server of ours asks for, from where a user keeps it.
package enum ServerToken {
    /// Reads `file:PATH` (a file for its owner only) or `env:NAME`.
    ///
    /// - Parameter shortest: the least number of characters.
    package static func read(_ text: String, shortest: Int) throws(Complaint) -> String {
        guard let source = KeySource(text), source != .none else {
            throw Complaint(
                "--token takes the place of a token, never the token itself: other users see what is typed",
                remedy: "Give file:PATH (mode 0600) or env:NAME", status: .usage)
        }
        let token: String
        do throws(ModelFailure) { token = try source.resolveToken() ?? "" } catch {
            throw Complaint(
                "the token cannot be read: \(error.message)", remedy: error.remedy ?? source.remedy,
                status: .configuration)
        }
        guard token.utf8.count >= shortest else {
            throw Complaint(
                "the token has \(token.utf8.count) characters: it could be guessed",
                remedy: "Take \(shortest) or more, such as: head -c 18 /dev/urandom | base64", status: .configuration)
        }
        guard
            token.utf8.allSatisfy({
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || "-_.~+/=".utf8.contains($0)
            })
        else {
            throw Complaint(
                "the token has characters that have no place in an address",
                remedy: "Take letters, digits and -_.~+/=", status: .configuration)
        }
        return token
    }
}
