import ForerunCore
import ForerunRecords

/// A shop with two orders of one user, small enough to know by heart.
enum TestShop {
    static func load(into database: RecordsDatabase) throws {
        try database.load("orders", from: orders.utf8)
        try database.load("products", from: products.utf8)
        try database.load("users", from: users.utf8)
    }

    static func environment(path: String? = nil) async throws -> RecordsEnvironment {
        let database = try RecordsDatabase(path: path)
        try load(into: database)
        let environment = RecordsEnvironment(RetailTools(), over: database)
        _ = try await environment.open()
        return environment
    }

    private static let orders = """
        {"#W1": {"order_id": "#W1", "user_id": "ada_1", "items": [{"product_id": "9", "item_id": "1", "price": 10.5, "options": {}}],
          "status": "pending", "payment_history": [{"transaction_type": "payment", "amount": 10.5, "payment_method_id": "gift_card_1"}]},
         "#W2": {"order_id": "#W2", "user_id": "ada_1", "items": [{"product_id": "9", "item_id": "1", "price": 10.5, "options": {}}],
          "status": "delivered", "payment_history": [{"transaction_type": "payment", "amount": 10.5, "payment_method_id": "paypal_1"}]}}
        """
    private static let products = """
        {"9": {"name": "Mug", "product_id": "9", "variants": {
          "1": {"item_id": "1", "options": {}, "available": true, "price": 10.5},
          "2": {"item_id": "2", "options": {"size": "L"}, "available": true, "price": 120.25},
          "3": {"item_id": "3", "options": {}, "available": false, "price": 11.0}}}}
        """
    private static let users = """
        {"ada_1": {"name": {"first_name": "Ada", "last_name": "Love"}, "address": {"zip": "12345"}, "email": "ada@example.com",
          "payment_methods": {"gift_card_1": {"source": "gift_card", "balance": 46, "id": "gift_card_1"},
            "paypal_1": {"source": "paypal", "id": "paypal_1"}}, "orders": ["#W1", "#W2"]}}
        """
}
