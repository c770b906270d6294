package import ForerunCore

/// The tools of tau-bench's retail domain: a shop's orders, products and users.
///
/// What they return and refuse, to the byte, is that of recorded runs. Orders are changed at most once: their status says so.
package struct RetailTools: RecordTools {
    package init() {}

    package let name = "retail"
    package let tables = ["orders", "products", "users"]

    package func output(of call: Call, on view: inout RecordView) throws(ToolStop) -> String {
        let arguments = RecordArguments(call)
        if let output = try commonOutput(of: call.name, arguments) { return output }
        switch call.name {
        case "find_user_id_by_email": return try findUser(byEmail: arguments, on: &view)
        case "find_user_id_by_name_zip": return try findUser(byName: arguments, on: &view)
        case "get_order_details": return try order(arguments.string("order_id"), on: &view).text
        case "get_product_details": return try product(arguments.string("product_id"), on: &view).text
        case "get_user_details": return try user(arguments.string("user_id"), on: &view).text
        case "list_all_product_types": return try productTypes(on: &view)
        case "cancel_pending_order": return try cancel(arguments, on: &view)
        case "modify_pending_order_address": return try modifyAddress(arguments, on: &view)
        case "modify_pending_order_items": return try modifyItems(arguments, on: &view)
        case "modify_pending_order_payment": return try modifyPayment(arguments, on: &view)
        case "modify_user_address": return try modifyUserAddress(arguments, on: &view)
        case "exchange_delivered_order_items": return try exchange(arguments, on: &view)
        case "return_delivered_order_items": return try `return`(arguments, on: &view)
        default: throw .refused("there is no tool '\(call.name)'")
        }
    }
}

extension RetailTools {
    func order(_ id: String, on view: inout RecordView) throws(ToolStop) -> RecordValue {
        guard let order = try view.record("orders", id) else { throw .refused("order not found") }
        return order
    }

    func product(_ id: String, on view: inout RecordView) throws(ToolStop) -> RecordValue {
        guard let product = try view.record("products", id) else { throw .refused("product not found") }
        return product
    }

    func user(_ id: String, on view: inout RecordView) throws(ToolStop) -> RecordValue {
        guard let user = try view.record("users", id) else { throw .refused("user not found") }
        return user
    }

    private func findUser(byEmail arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let email = try arguments.string("email").lowercased()
        for (id, user) in try view.records(of: "users") where user["email"]?.stringValue?.lowercased() == email {
            return id
        }
        throw .refused("user not found")
    }

    private func findUser(byName arguments: RecordArguments, on view: inout RecordView) throws(ToolStop) -> String {
        let first = try arguments.string("first_name").lowercased()
        let last = try arguments.string("last_name").lowercased()
        let zip = try arguments.string("zip")
        for (id, user) in try view.records(of: "users")
        where user["address"]?["zip"]?.stringValue == zip
            && user["name"]?["first_name"]?.stringValue?.lowercased() == first
            && user["name"]?["last_name"]?.stringValue?.lowercased() == last
        {
            return id
        }
        throw .refused("user not found")
    }

    private func productTypes(on view: inout RecordView) throws(ToolStop) -> String {
        let products = try view.records(of: "products")
        let names = products.map { ($0.record["name"]?.stringValue ?? "", RecordValue.string($0.id)) }
        // Sorted by code points, as Python does.
        return RecordValue.object(
            RecordMembers(
                names.sorted { $0.0.unicodeScalars.lexicographicallyPrecedes($1.0.unicodeScalars) })
        ).text
    }
}
