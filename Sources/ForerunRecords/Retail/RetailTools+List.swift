package import ForerunCore

extension RetailTools {
    package var tools: [Tool] { Self.list }

    private static let orderID = ToolSchema.text("The order's id, with its sign, such as '#W0000000'.")
    private static let userID = ToolSchema.text("The user's id, such as 'sara_doe_496'.")
    private static let paymentID = ToolSchema.text(
        "The id of a payment method, such as 'gift_card_0000000', from the user's or the order's details.")
    private static let address1 = ToolSchema.text("The first line of the address.")
    private static let address2 = ToolSchema.text("The second line of the address; may be empty.")
    private static let city = ToolSchema.text("The city.")
    private static let state = ToolSchema.text("The state, such as 'CA'.")
    private static let country = ToolSchema.text("The country, such as 'USA'.")
    private static let zip = ToolSchema.text("The zip code.")
    private static let items = ToolSchema.list("The ids of items in the order; an id may come more than once.")
    private static let newItems = ToolSchema.list(
        "The ids of the new items: each of the same product as the item at its place in item_ids.")

    private static let list =
        Tool.common + [
            Tool(
                "find_user_id_by_email", .readOnly, "Finds the id of the user with this e-mail address.",
                ["email": ToolSchema.text("The e-mail address.")]),
            Tool(
                "find_user_id_by_name_zip", .readOnly,
                "Finds the id of the user with this name and zip code, where the e-mail address does not help.",
                [
                    "first_name": ToolSchema.text("The first name."), "last_name": ToolSchema.text("The last name."),
                    "zip": zip,
                ]),
            Tool("get_order_details", .readOnly, "Returns an order, with its status.", ["order_id": orderID]),
            Tool(
                "get_product_details", .readOnly, "Returns a product, with what is in stock.",
                ["product_id": ToolSchema.text("The product's id, which is no item id.")]),
            Tool("get_user_details", .readOnly, "Returns a user, with the ids of all orders.", ["user_id": userID]),
            Tool("list_all_product_types", .readOnly, "Lists the names and ids of all products."),
            Tool(
                "cancel_pending_order", .contained, "Cancels a pending order and refunds it. Returns the order.",
                ["order_id": orderID, "reason": ToolSchema.choice("no longer needed", "ordered by mistake")]),
            Tool(
                "exchange_delivered_order_items", .contained,
                "Requests the exchange of items of a delivered order, once. Returns the order.",
                ["order_id": orderID, "item_ids": items, "new_item_ids": newItems, "payment_method_id": paymentID]),
            Tool(
                "modify_pending_order_address", .contained, "Changes where a pending order goes. Returns the order.",
                [
                    "order_id": orderID, "address1": address1, "address2": address2, "city": city, "state": state,
                    "country": country, "zip": zip,
                ]),
            Tool(
                "modify_pending_order_items", .contained,
                "Changes items of a pending order for others of the same products, once. Returns the order.",
                ["order_id": orderID, "item_ids": items, "new_item_ids": newItems, "payment_method_id": paymentID]),
            Tool(
                "modify_pending_order_payment", .contained, "Changes how a pending order is paid. Returns the order.",
                ["order_id": orderID, "payment_method_id": paymentID]),
            Tool(
                "modify_user_address", .contained, "Changes the address of a user. Returns the user.",
                [
                    "user_id": userID, "address1": address1, "address2": address2, "city": city, "state": state,
                    "country": country, "zip": zip,
                ]),
            Tool(
                "return_delivered_order_items", .contained,
                "Requests the return of items of a delivered order, once. Returns the order.",
                ["order_id": orderID, "item_ids": items, "payment_method_id": paymentID]),
        ]
}
