extension RetailTools {
    func exchange(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        let old = try arguments.strings("item_ids")
        let new = try arguments.strings("new_item_ids")
        let methodID = try arguments.string("payment_method_id")
        var order = try order(id, on: &view)
        guard order["status"] == "delivered" else { throw .refused("non-delivered order cannot be exchanged") }
        try checkItems(old, of: order, missing: { "\($0) not found" })
        let swaps = try swaps(of: old, for: new, in: order, on: &view)
        let difference = swaps.reduce(RecordNumber.whole(0)) { $0 + $1.difference }.roundedToCents
        let owner = try owner(of: order, on: &view)
        let method = try paymentMethod(methodID, of: owner.record)
        if isShort(method, of: difference) {
            throw .refused("insufficient gift card balance to pay for the price difference")
        }
        // Money moves only when the items come back.
        order["status"] = "exchange requested"
        order["exchange_items"] = Self.sorted(old)
        order["exchange_new_items"] = Self.sorted(new)
        order["exchange_payment_method_id"] = .string(methodID)
        order["exchange_price_difference"] = .number(difference)
        view.set("orders", id, to: order)
        return order.text
    }

    func `return`(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        let items = try arguments.strings("item_ids")
        let methodID = try arguments.string("payment_method_id")
        var order = try order(id, on: &view)
        guard order["status"] == "delivered" else { throw .refused("non-delivered order cannot be returned") }
        _ = try paymentMethod(methodID, of: try owner(of: order, on: &view).record)
        let original = order["payment_history"]?.arrayValue?.first?["payment_method_id"]?.stringValue
        guard methodID.contains("gift_card") || methodID == original else {
            throw .refused("payment method should be either the original payment method or a gift card")
        }
        try checkItems(items, of: order, missing: { _ in "some item not found" })
        order["status"] = "return requested"
        order["return_items"] = Self.sorted(items)
        order["return_payment_method_id"] = .string(methodID)
        view.set("orders", id, to: order)
        return order.text
    }

    private static func sorted(_ ids: [String]) -> RecordValue {
        .array(ids.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }.map { .string($0) })
    }
}

/// One item of an order that another variant of its product replaces.
struct ItemSwap {
    /// Of the new item.
    let id: String
    let variant: RecordValue
    /// New price less old one.
    let difference: RecordNumber
}

extension RetailTools {
    /// Refuses ids that the order does not have, or not as often.
    func checkItems(
        _ ids: [String], of order: RecordValue, missing: (String) -> String
    ) throws(ToolStop) {
        let present = (order["items"]?.arrayValue ?? []).compactMap { $0["item_id"]?.stringValue }
        for id in ids where ids.count(where: { $0 == id }) > present.count(where: { $0 == id }) {
            throw .refused(missing(id))
        }
    }

    /// What replaces the items `old` of an order, one by one.
    func swaps(
        of old: [String], for new: [String], in order: RecordValue, on view: inout RecordView
    ) throws(ToolStop) -> [ItemSwap] {
        guard old.count == new.count else { throw .refused("the number of items to be exchanged should match") }
        var swaps: [ItemSwap] = []
        for (oldID, newID) in zip(old, new) {
            let item = order["items"]?.arrayValue?.first { $0["item_id"] == .string(oldID) }
            let product = try view.record("products", item?["product_id"]?.stringValue ?? "")
            guard let variant = product?["variants"]?[newID], variant["available"] == .bool(true) else {
                throw .refused("new item \(newID) not found or available")
            }
            let price = variant["price"]?.numberValue ?? .whole(0)
            swaps.append(
                ItemSwap(id: newID, variant: variant, difference: price - (item?["price"]?.numberValue ?? .whole(0))))
        }
        return swaps
    }
}
