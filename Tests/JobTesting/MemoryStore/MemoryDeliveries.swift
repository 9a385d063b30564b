import JobModel
import JobStorage

/// The outbox of a memory store.
struct MemoryDeliveries {
    /// In the order of their numbers.
    private var all: [Delivery] = []
    private var lastNumber: Int64 = 0

    mutating func add(_ delivery: Delivery) {
        var delivery = delivery
        lastNumber += 1
        delivery.number = lastNumber
        if all.contains(where: { $0.isPending(before: delivery) }) { delivery.tries.nextAt = nil }
        all.append(delivery)
    }

    /// Takes one out that was added last, as if it had never been.
    mutating func takeBack(_ id: DeliveryID) { all.removeAll { $0.id == id } }

    mutating func change(_ id: DeliveryID, at now: Timestamp, _ change: (inout Delivery) -> Void) -> Delivery? {
        guard let index = all.firstIndex(where: { $0.id == id }) else { return nil }
        change(&all[index])
        makeNextDue(after: all[index], at: now)
        return all[index]
    }

    private mutating func makeNextDue(after delivery: Delivery, at now: Timestamp) {
        let others = all.indices.filter {
            all[$0].webhook == delivery.webhook && all[$0].jobId == delivery.jobId && all[$0].status == .pending
        }
        guard let first = others.first, others.allSatisfy({ all[$0].tries.nextAt == nil }) else { return }
        all[first].tries.nextAt = now
    }

    func due(of webhooks: [WebhookName: Int], at now: Timestamp) -> DueDeliveries {
        var due = DueDeliveries()
        for (name, limit) in webhooks.sorted(by: { $0.key < $1.key }) {
            let waiting = all.filter { $0.webhook == name && $0.tries.nextAt != nil }
                .sorted { ($0.tries.nextAt ?? now, $0.number) < ($1.tries.nextAt ?? now, $1.number) }
            due.deliveries += waiting.prefix { ($0.tries.nextAt ?? now) <= now }.prefix(limit)
            let next = waiting.compactMap(\.tries.nextAt).first { $0 > now }
            due.next = [due.next, next].compactMap(\.self).min()
        }
        return due
    }

    func page(_ query: DeliveryQuery) -> [Delivery] {
        let found = all.reversed().lazy.filter { delivery in
            (query.webhook ?? delivery.webhook) == delivery.webhook && (query.jobId ?? delivery.jobId) == delivery.jobId
                && (query.status ?? delivery.status) == delivery.status
                && delivery.number < query.before ?? .max
        }
        return Array(found.prefix(query.limit))
    }

    var pending: [WebhookName: PendingDeliveries] {
        Dictionary(grouping: all.filter { $0.status == .pending }, by: \.webhook).compactMapValues { waiting in
            waiting.first.map { PendingDeliveries(count: waiting.count, since: $0.createdAt) }
        }
    }

    func strays(createdBefore moment: Timestamp, except webhooks: [WebhookName], limit: Int) -> [Delivery] {
        let found = all.filter {
            $0.status == .pending && $0.createdAt < moment && !webhooks.contains($0.webhook)
        }
        return Array(found.prefix(limit))
    }

    mutating func remove(endedBefore moment: Timestamp, keeping count: Int, limit: Int) -> Int {
        let ended = all.filter { $0.endedAt != nil }
            .sorted { ($0.endedAt ?? moment, $0.number) > ($1.endedAt ?? moment, $1.number) }
        let old = ended.enumerated().filter { $0.offset >= count || ($0.element.endedAt ?? moment) < moment }
        let gone = Set(old.map(\.element.id).suffix(limit))
        all.removeAll { gone.contains($0.id) }
        return gone.count
    }
}

extension Delivery {
    /// Whether another one has to wait for this.
    fileprivate func isPending(before other: Delivery) -> Bool {
        status == .pending && webhook == other.webhook && jobId == other.jobId
    }
}
