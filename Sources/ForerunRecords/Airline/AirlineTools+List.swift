package import ForerunCore

extension AirlineTools {
    package var tools: [Tool] { Self.list }

    private static let reservationID = ToolSchema.text("The reservation's id, such as 'ZFA04Y'.")
    private static let userID = ToolSchema.text("The user's id, such as 'sara_doe_496'.")
    private static let origin = ToolSchema.text("The airport of departure in three letters, such as 'JFK'.")
    private static let destination = ToolSchema.text("The airport of arrival in three letters, such as 'LAX'.")
    private static let date = ToolSchema.text("The date, YYYY-MM-DD.")
    private static let paymentID = ToolSchema.text(
        "The id of a payment method in the user's profile, such as 'credit_card_7815826'.")
    private static let cabin = ToolSchema.choice("basic_economy", "economy", "business")
    private static let totalBaggages = ToolSchema.count("How many bags there are in all.")
    private static let nonFreeBaggages = ToolSchema.count("How many bags cost money.")

    private static let flights = ToolSchema.list(
        "All flights of the reservation, those that stay as they are included.",
        of: ToolSchema.object([
            "flight_number": ToolSchema.text("The flight's number, such as 'HAT001'."), "date": date,
        ]))
    private static let passengers = ToolSchema.list(
        "The passengers.",
        of: ToolSchema.object([
            "first_name": ToolSchema.text("The first name."), "last_name": ToolSchema.text("The last name."),
            "dob": ToolSchema.text("The date of birth, YYYY-MM-DD."),
        ]))
    private static let payments = ToolSchema.list(
        "How it is paid.",
        of: ToolSchema.object(["payment_id": paymentID, "amount": ToolSchema.amount("How much is paid this way.")]))

    private static let list =
        Tool.common + [
            Tool(
                "get_reservation_details", .readOnly, "Returns a reservation.", ["reservation_id": reservationID]),
            Tool(
                "get_user_details", .readOnly, "Returns a user, with the ids of all reservations.",
                ["user_id": userID]),
            Tool("list_all_airports", .readOnly, "Lists all airports and their cities."),
            Tool(
                "search_direct_flight", .readOnly, "Finds flights between two cities on a date.",
                ["origin": origin, "destination": destination, "date": date]),
            Tool(
                "search_onestop_flight", .readOnly, "Finds pairs of flights between two cities, with one stop.",
                ["origin": origin, "destination": destination, "date": date]),
            Tool(
                "book_reservation", .contained, "Books flights. Returns the reservation.",
                [
                    "user_id": userID, "origin": origin, "destination": destination,
                    "flight_type": ToolSchema.choice("one_way", "round_trip"), "cabin": cabin, "flights": flights,
                    "passengers": passengers, "payment_methods": payments, "total_baggages": totalBaggages,
                    "nonfree_baggages": nonFreeBaggages, "insurance": ToolSchema.choice("yes", "no"),
                ]),
            Tool(
                "cancel_reservation", .contained, "Cancels a whole reservation. Returns it.",
                ["reservation_id": reservationID]),
            Tool(
                "send_certificate", .contained, "Gives a user a certificate. With care!",
                ["user_id": userID, "amount": ToolSchema.amount("The certificate's amount.")]),
            Tool(
                "update_reservation_baggages", .contained, "Changes the bags of a reservation. Returns it.",
                [
                    "reservation_id": reservationID, "total_baggages": totalBaggages,
                    "nonfree_baggages": nonFreeBaggages, "payment_id": paymentID,
                ]),
            Tool(
                "update_reservation_flights", .contained, "Changes the flights of a reservation. Returns it.",
                ["reservation_id": reservationID, "cabin": cabin, "flights": flights, "payment_id": paymentID]),
            Tool(
                "update_reservation_passengers", .contained,
                "Changes the passengers of a reservation, not their number. Returns it.",
                ["reservation_id": reservationID, "passengers": passengers]),
        ]
}
