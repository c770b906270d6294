import ForerunRuntime

/// The slots and rate limits of endpoints, which all agents of the process share.
enum SharedSlots {
    static let keeper = SlotKeeper()
}
