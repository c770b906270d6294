import ForerunCore

extension ChatStreamDecoder {
    /// Reads one element of `tool_calls`: a call, or the next piece of one.
    mutating func readCall(
        _ reader: inout JSONReader, _ emit: (AnswerDelta) -> Void
    ) throws(JSONReader.Malformed) {
        var index: Int?
        var id = ""
        var name = ""
        var arguments: JSONReader?
        var extra: String?
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "index": index = try reader.readInt()
            case "id": id = try reader.readString() ?? ""
            case "function":
                guard try reader.peek() == UInt8(ascii: "{") else { return _ = try reader.skipValue() }
                try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
                    switch key {
                    case "name": name = try reader.readString() ?? ""
                    case "arguments":
                        arguments = reader
                        _ = try reader.skipValue()
                    default: _ = try reader.skipValue()
                    }
                }
            case "extra_content":
                guard try reader.peek() == UInt8(ascii: "{") else { return _ = try reader.skipValue() }
                extra = (try? JSON(parsing: try reader.skipValue()))?.text
            default: _ = try reader.skipValue()
            }
        }

        guard calls.count < CallList.limit else { return hasTooManyCalls = true }
        let position = position(index: index, id: id, hasName: !name.isEmpty)
        if calls[position].id.isEmpty { calls[position].id = id }
        if let extra { calls[position].extra = extra }
        if calls[position].name.isEmpty { calls[position].name = name }
        while started < calls.count, !calls[started].name.isEmpty {
            emit(.callStarted(index: started, name: calls[started].name))
            started += 1
        }
        guard var arguments, position >= sealed.count else { return }
        switch try arguments.peek() {
        case UInt8(ascii: "n"): return
        case UInt8(ascii: "\""):
            var piece: [UInt8] = []
            try arguments.readString(into: &piece)
            calls[position].append(piece)
        default: calls[position].append(try arguments.skipValue())
        }
        if !calls[position].boundary.isEmpty { lastWithArguments = max(lastWithArguments, position) }
        sealReady(emit)
    }

    /// The call that a piece belongs to; made where it starts one.
    private mutating func position(index: Int?, id: String, hasName: Bool) -> Int {
        let candidate = index.map { index in calls.lastIndex { $0.serverIndex == index } } ?? calls.indices.last
        if let candidate {
            let call = calls[candidate]
            if id.isEmpty || call.id.isEmpty {
                // Nothing but the name can tell a new call from a piece of the last one.
                let startsAnother = hasName && (call.boundary.isComplete || (index == nil && !call.name.isEmpty))
                if !startsAnother { return candidate }
            } else if id == call.id {
                return candidate
            } else if let earlier = calls.firstIndex(where: { $0.id == id && (index == nil || $0.serverIndex == index) }
            ) {
                return earlier
            }
        }
        calls.append(PendingCall(serverIndex: index ?? calls.count, id: id))
        return calls.count - 1
    }

    /// Seals, in order, what cannot change any more.
    private mutating func sealReady(_ emit: (AnswerDelta) -> Void) {
        while sealed.count < calls.count {
            let call = calls[sealed.count]
            let willStayEmpty = call.boundary.isEmpty && lastWithArguments > sealed.count
            guard !call.name.isEmpty, call.boundary.isComplete || willStayEmpty else { return }
            seal(call, emit)
        }
    }

    /// Seals all calls that have a name: the answer is over.
    mutating func sealAll(_ emit: (AnswerDelta) -> Void) {
        while sealed.count < started { seal(calls[sealed.count], emit) }
    }

    private mutating func seal(_ pending: PendingCall, _ emit: (AnswerDelta) -> Void) {
        let call = pending.call
        sealed.append(call)
        emit(.callSealed(index: sealed.count - 1, call))
    }
}
