package import ForerunCore

extension Switchboard.Change {
    /// What was turned off or on, and why, in one line.
    package var summary: String {
        let subject = source.map { "guesses of \(DisplayText.line($0, limit: 60))" } ?? "speculation"
        guard !isOn else { return "\(subject): tried again" }
        guard pause > 0 else { return "\(subject): off, as the user wishes" }
        guard saved > 0 || spent > 0 else {
            return "\(subject): off for \(PresentedNumber.count(pause, "turn")), as earlier runs lost by it"
        }
        return
            "\(subject): off for \(PresentedNumber.count(pause, "turn")), saved \(PresentedNumber.seconds(saved)) lately, "
            + "spent in vain what \(PresentedNumber.seconds(spent)) are worth"
    }
}
