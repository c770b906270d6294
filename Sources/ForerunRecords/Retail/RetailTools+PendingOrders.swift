extension RetailTools {
    func cancel(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        let reason = try arguments.string("reason")
        var order = try order(id, on: &view)
        guard order["status"] == "pending" else { throw .refused("non-pending order cannot be cancelled") }
        guard ["no longer needed", "ordered by mistake"].contains(reason) else { throw .refused("invalid reason") }
        let payments = order["payment_history"]?.arrayValue ?? []
        var refunds: [RecordValue] = []
        for payment in payments {
            let method = payment["payment_method_id"]?.stringValue ?? ""
            let amount = payment["amount"]?.numberValue ?? .whole(0)
            refunds.append(Self.transaction("refund", amount, method))
            guard method.contains("gift_card") else { continue }
            let owner = try owner(of: order, on: &view)
            var user = owner.record
            credit(amount, to: method, of: &user)
            save(owner, changed: user, on: &view)
        }
        order["status"] = "cancelled"
        order["cancel_reason"] = .string(reason)
        order.append(refunds, to: "payment_history")
        view.set("orders", id, to: order)
        return order.text
    }

    func modifyAddress(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        var order = try order(id, on: &view)
        guard order["status"] == "pending" else { throw .refused("non-pending order cannot be modified") }
        order["address"] = try address(arguments)
        view.set("orders", id, to: order)
        return order.text
    }

    func modifyUserAddress(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("user_id")
        var user = try user(id, on: &view)
        user["address"] = try address(arguments)
        view.set("users", id, to: user)
        return user.text
    }

    private func address(_ arguments: RecordArguments) throws(ToolStop) -> RecordValue {
        var address = RecordMembers()
        for name in ["address1", "address2", "city", "state", "country", "zip"] {
            address[name] = try arguments.value(name)
        }
        return .object(address)
    }

    func modifyItems(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        let old = try arguments.strings("item_ids")
        let new = try arguments.strings("new_item_ids")
        let methodID = try arguments.string("payment_method_id")
        var order = try order(id, on: &view)
        guard order["status"] == "pending" else { throw .refused("non-pending order cannot be modified") }
        try checkItems(old, of: order, missing: { "\($0) not found" })
        let swaps = try swaps(of: old, for: new, in: order, on: &view)
        let difference = swaps.reduce(RecordNumber.whole(0)) { $0 + $1.difference }
        let owner = try owner(of: order, on: &view)
        let method = try paymentMethod(methodID, of: owner.record)
        if isShort(method, of: difference) { throw .refused("insufficient gift card balance to pay for the new item") }
        let type = .whole(0) < difference ? "payment" : "refund"
        order.append([Self.transaction(type, difference.magnitude, methodID)], to: "payment_history")
        var user = owner.record
        credit(-difference, to: methodID, of: &user)
        save(owner, changed: user, on: &view)
        var items = order["items"]?.arrayValue ?? []
        for (id, swap) in zip(old, swaps) {
            guard let index = items.firstIndex(where: { $0["item_id"] == .string(id) }) else { continue }
            items[index]["item_id"] = .string(swap.id)
            items[index]["price"] = swap.variant["price"]
            items[index]["options"] = swap.variant["options"]
        }
        order["items"] = .array(items)
        order["status"] = "pending (item modified)"
        view.set("orders", id, to: order)
        return order.text
    }

    func modifyPayment(_ arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let id = try arguments.string("order_id")
        let methodID = try arguments.string("payment_method_id")
        var order = try order(id, on: &view)
        guard order["status"] == "pending" else { throw .refused("non-pending order cannot be modified") }
        let owner = try owner(of: order, on: &view)
        let method = try paymentMethod(methodID, of: owner.record)
        let payments = order["payment_history"]?.arrayValue ?? []
        guard let payment = payments.first, payments.count == 1, payment["transaction_type"] == "payment" else {
            throw .refused("there should be exactly one payment for a pending order")
        }
        let oldID = payment["payment_method_id"]?.stringValue ?? ""
        guard oldID != methodID else {
            throw .refused("the new payment method should be different from the current one")
        }
        let amount = payment["amount"]?.numberValue ?? .whole(0)
        if isShort(method, of: amount) { throw .refused("insufficient gift card balance to pay for the order") }
        order.append(
            [Self.transaction("payment", amount, methodID), Self.transaction("refund", amount, oldID)],
            to: "payment_history")
        var user = owner.record
        credit(-amount, to: methodID, of: &user)
        credit(amount, to: oldID, of: &user)
        save(owner, changed: user, on: &view)
        view.set("orders", id, to: order)
        return order.text
    }
}
