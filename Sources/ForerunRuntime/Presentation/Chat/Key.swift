/// What a person does on a keyboard.
package enum Key: Sendable, Hashable {
    /// Typed or pasted.
    case text(String)
    case enter
    /// A line break within the message.
    case newline
    case tab
    case backspace, delete
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case deleteToStart, deleteToEnd, deleteWord, deleteWordForward
    /// Puts back what was deleted last.
    case yank
    case clearScreen
    /// Send without waiting for the agent's last word.
    case sendNow
    case interrupt, endOfFile, suspend
}
