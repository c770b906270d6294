import ForerunCore
import ForerunRecords
import Testing

/// Beyond what the recorded runs show.
struct RetailToolsTests {
    private func perform(_ calls: [Call]) async throws -> [CallResult] {
        let environment = try await TestShop.environment()
        var results: [CallResult] = []
        for call in calls {
            results.append(try await environment.perform(call, in: .initial, context: CallContext()))
        }
        return results
    }

    @Test func aCancelledOrderGoesBackToTheGiftCardAndIsChangedOnlyOnce() async throws {
        let cancel = Call("cancel_pending_order", ["order_id": "#W1", "reason": "no longer needed"])
        let results = try await perform([cancel, Call("get_user_details", ["user_id": "ada_1"]), cancel])
        #expect(results[0].reads == .resources(["/orders/#W1", "/users/ada_1"]))
        #expect(results[0].writes == .resources(["/orders/#W1", "/users/ada_1"]))
        #expect(results[1].output.text.contains(#""balance": 56.5"#))
        #expect(results[1].reads == .resources(["/users/ada_1"]))
        #expect(results[2].output.text == "Error: non-pending order cannot be cancelled")
        #expect(results[2].reads == .resources(["/orders/#W1"]) && results[2].writes == .nothing)
    }

    @Test(
        arguments: [
            (["1"], ["2"], "gift_card_1", "Error: insufficient gift card balance to pay for the new item"),
            (["1"], ["3"], "paypal_1", "Error: new item 3 not found or available"),
            (["1"], [], "paypal_1", "Error: the number of items to be exchanged should match"),
            (["1", "1"], ["2", "2"], "paypal_1", "Error: 1 not found"),
            (["1"], ["2"], "paypal_2", "Error: payment method not found"),
        ] as [([String], [String], String, String)])
    func itemsThatDoNotFitAreRefused(old: [String], new: [String], method: String, refusal: String) async throws {
        let result = try await perform([
            Call(
                "modify_pending_order_items",
                [
                    "order_id": "#W1", "item_ids": .array(old.map { .string($0) }),
                    "new_item_ids": .array(new.map { .string($0) }), "payment_method_id": .string(method),
                ])
        ])[0]
        #expect(result.output.text == refusal)
    }

    @Test func aPaymentMovesBetweenMethods() async throws {
        let results = try await perform([
            Call("modify_pending_order_payment", ["order_id": "#W1", "payment_method_id": "gift_card_1"]),
            Call("modify_pending_order_payment", ["order_id": "#W1", "payment_method_id": "paypal_1"]),
            Call("modify_pending_order_payment", ["order_id": "#W1", "payment_method_id": "gift_card_1"]),
            Call("get_user_details", ["user_id": "ada_1"]),
        ])
        #expect(
            results[0].output.text == "Error: the new payment method should be different from the current one")
        #expect(
            results[1].output.text.hasSuffix(
                #"{"transaction_type": "payment", "amount": 10.5, "payment_method_id": "paypal_1"}, "#
                    + #"{"transaction_type": "refund", "amount": 10.5, "payment_method_id": "gift_card_1"}]}"#))
        #expect(results[2].output.text == "Error: there should be exactly one payment for a pending order")
        #expect(results[3].output.text.contains(#""balance": 56.5"#))
    }

    @Test func usersAreFoundWhateverTheCase() async throws {
        let results = try await perform([
            Call("find_user_id_by_name_zip", ["first_name": "ADA", "last_name": "love", "zip": "12345"]),
            Call("find_user_id_by_email", ["email": "Ada@Example.com"]),
            Call("find_user_id_by_email", ["email": "bob@example.com"]),
        ])
        #expect(results.map(\.output.text) == ["ada_1", "ada_1", "Error: user not found"])
        #expect(results.allSatisfy { $0.reads == .resources(["/users/"]) && $0.writes == .nothing })
    }
}
