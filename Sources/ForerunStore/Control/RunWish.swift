import ForerunCore

/// What another process of the same user asks of a run that goes on.
package enum RunWish: Sendable, Hashable {
    /// End now, cleanly.
    case cancel
    case speculation(isOn: Bool)

    /// As one line, without its line feed.
    var json: JSON {
        switch self {
        case .cancel: ["type": "cancel"]
        case .speculation(let isOn): ["type": "speculation", "on": .bool(isOn)]
        }
    }

    /// `nil`: nothing that is known here; later versions may ask for more.
    init?(_ json: JSON) {
        switch json["type"]?.stringValue {
        case "cancel": self = .cancel
        case "speculation":
            guard let isOn = json["on"]?.boolValue else { return nil }
            self = .speculation(isOn: isOn)
        default: return nil
        }
    }

    /// Asks a run for it.
    ///
    /// - Throws: `.notFound` where no process listens: it is over, or was started without a log.
    package func send(to run: RunName, in directory: RunStateDirectory) throws(StoreError) {
        var line = Array((json.text + "\n").utf8)
        try File.openDoor(directory.doorPath(of: run)).write(&line)
    }
}

extension RunStateDirectory {
    /// The named pipe at which a run that goes on listens, mode 0600.
    package func doorPath(of run: RunName) -> String { "\(self.directory(of: run))/control" }
}
