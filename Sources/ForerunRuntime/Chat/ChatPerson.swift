package import ForerunCore

/// The person of a conversation, as it sees them: at a terminal, or behind a pipe.
///
/// What they enter comes by ``Conversation/enter(_:)`` and its neighbours.
package protocol ChatPerson: AnyObject, Sendable {
    /// Whether a conversation goes on here after a failure: somebody can do something about it.
    var staysOn: Bool { get }
    /// Calls that were denied since nobody could be asked.
    var deniedUnasked: Int { get }

    /// A run of the conversation begins.
    func begin(_ run: PreparedRun)
    func show(_ notice: RunNotice)
    /// Whether a call may be performed.
    func approve(_ call: Call) async -> Bool
    /// Lines of ours.
    func say(_ lines: [String])
    /// Text of a workspace or an agent, as it is.
    func say(text: String)
    /// Something is wrong.
    func complain(_ complaint: Complaint)
    /// Which messages wait for the agent's last word.
    func showQueue(_ messages: [String])
    /// Words to change and send again.
    func giveBack(_ text: String)
    /// A run of the conversation is over.
    func end(_ run: PreparedRun, _ report: RunReport) async
}
