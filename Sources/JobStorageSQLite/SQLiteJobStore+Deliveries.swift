import GRDB
package import JobModel
package import JobStorage

extension SQLiteJobStore {
    package func dueDeliveries(
        of webhooks: [WebhookName: Int], at now: Timestamp
    ) async throws(StoreError) -> DueDeliveries {
        try await read { try DueDeliveries($0, of: webhooks, at: now) }
    }

    package func changeDelivery(
        _ id: DeliveryID, at now: Timestamp, _ change: @escaping @Sendable (inout Delivery) -> Void
    ) async throws(StoreError) -> Delivery? {
        try await write { database in
            guard var delivery = try Delivery.fetch(database, id: id) else { return nil }
            change(&delivery)
            try delivery.update(in: database, at: now)
            return delivery
        }
    }

    package func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [Delivery] {
        do {
            return try await lists.read { try Delivery.fetchPage($0, query) }
        } catch {
            throw StoreError(error)
        }
    }

    package func pendingDeliveries() async throws(StoreError) -> [WebhookName: PendingDeliveries] {
        do {
            return try await lists.read { try Delivery.countPending($0) }
        } catch {
            throw StoreError(error)
        }
    }

    package func strayDeliveries(
        createdBefore moment: Timestamp, except webhooks: [WebhookName], limit: Int
    ) async throws(StoreError) -> [Delivery] {
        try await read { try Delivery.fetchStrays($0, createdBefore: moment, except: webhooks, limit: limit) }
    }

    package func removeDeliveries(
        endedBefore moment: Timestamp, keeping count: Int, limit: Int
    ) async throws(StoreError) -> Int {
        try await write { try Delivery.delete($0, endedBefore: moment, keeping: count, limit: limit) }
    }
}
