extension RetailTools {
    /// The user who made `order`.
    func owner(of order: RecordValue, on view: inout RecordView) throws(ToolStop) -> (id: String, record: RecordValue) {
        let id = order["user_id"]?.stringValue ?? ""
        return (id, try user(id, on: &view))
    }

    /// The payment method `id` of a user.
    func paymentMethod(_ id: String, of user: RecordValue) throws(ToolStop) -> RecordValue {
        guard let method = user["payment_methods"]?[id] else { throw .refused("payment method not found") }
        return method
    }

    /// Whether `method` is a gift card with less than `amount` on it.
    func isShort(_ method: RecordValue, of amount: RecordNumber) -> Bool {
        method["source"] == "gift_card" && (method["balance"]?.numberValue ?? .whole(0)) < amount
    }

    /// Adds `amount` to the gift card `id` of a user; does nothing where `id` is no gift card of that user.
    func credit(_ amount: RecordNumber, to id: String, of user: inout RecordValue) {
        guard var method = user["payment_methods"]?[id], let balance = method["balance"]?.numberValue,
            method["source"] == "gift_card"
        else { return }
        method["balance"] = .number((balance + amount).roundedToCents)
        user["payment_methods"]?[id] = method
    }

    static func transaction(_ type: String, _ amount: RecordNumber, _ method: String) -> RecordValue {
        RecordValue(members: [
            "transaction_type": .string(type), "amount": .number(amount), "payment_method_id": .string(method),
        ])
    }

    /// Writes the user back where something changed.
    func save(_ owner: (id: String, record: RecordValue), changed user: RecordValue, on view: inout RecordView) {
        if user != owner.record { view.set("users", owner.id, to: user) }
    }
}

extension RecordValue {
    /// Appends to a member that is an array.
    mutating func append(_ elements: [RecordValue], to member: String) {
        self[member] = .array((self[member]?.arrayValue ?? []) + elements)
    }
}
