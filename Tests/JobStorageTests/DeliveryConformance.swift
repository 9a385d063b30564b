import JobModel
import JobStorage
import JobTesting
import Testing

/// What every store must do with messages to webhooks.
struct DeliveryConformance {
    private let directory = TemporaryDirectory()
    private let now = Timestamp(milliseconds: 1_000_000)

    private static func webhook(_ name: String) throws -> WebhookName { try #require(WebhookName(name)) }

    private func delivery(_ id: String, to webhook: String = "shop", of job: String = "a") throws -> Delivery {
        Delivery(
            id: try #require(DeliveryID(id)), webhook: try Self.webhook(webhook), jobId: .named(job),
            moment: .completed, createdAt: now, body: #"{"data":"\#(id)"}"#)
    }

    /// The coming of a job, with these messages.
    private func created(_ job: String, number: Int64, _ deliveries: [Delivery]) -> Event {
        .job(
            JobEvent(
                kind: .created, before: nil, after: .job(.sample(jobId: .named(job), number: number)),
                deliveries: deliveries))
    }

    private func due(
        _ store: any JobStore, _ limits: [String: Int] = ["shop": 100, "other": 100], at moment: Timestamp? = nil
    ) async throws -> (ids: [String], next: Timestamp?) {
        var webhooks: [WebhookName: Int] = [:]
        for (name, limit) in limits { webhooks[try Self.webhook(name)] = limit }
        let due = try await store.dueDeliveries(of: webhooks, at: moment ?? now)
        return (due.deliveries.map(\.id.description), due.next)
    }

    @discardableResult
    private func change(
        _ id: String, in store: any JobStore, at moment: Timestamp, _ outcome: Delivery.Outcome
    ) async throws -> Delivery? {
        try await store.changeDelivery(try #require(DeliveryID(id)), at: moment) { $0.note(outcome, at: moment) }
    }

    @Test(arguments: StoreMaker.allCases)
    func aMessageIsStoredWithItsChangeOrNotAtAll(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        try await store.commit([created("a", number: 1, [try delivery("m1"), try delivery("m2", to: "other")])])
        #expect(try await due(store).ids == ["m2", "m1"])
        let refused = try await store.commit([[created("a", number: 1, [try delivery("m3")])]])
        #expect(refused.count == 1)
        #expect(try await store.deliveries(DeliveryQuery()).map(\.id.description) == ["m2", "m1"])
        var kept = try #require(try await store.deliveries(DeliveryQuery()).last)
        #expect(kept.number > 0)
        kept.number = 0
        #expect(try kept == delivery("m1"))
    }

    @Test(arguments: StoreMaker.allCases)
    func whatWaitsIsCountedForEachWebhook(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        #expect(try await store.pendingDeliveries() == [:])
        try await store.commit([created("a", number: 1, [try delivery("m1"), try delivery("m2", to: "other")])])
        var later = try delivery("m3", of: "b")
        later = Delivery(
            id: later.id, webhook: later.webhook, jobId: later.jobId, moment: later.moment,
            createdAt: now + .seconds(9), body: later.body)
        try await store.commit([created("b", number: 2, [later])])
        let (shop, other) = (try Self.webhook("shop"), try Self.webhook("other"))
        #expect(
            try await store.pendingDeliveries() == [
                shop: PendingDeliveries(count: 2, since: now), other: PendingDeliveries(count: 1, since: now),
            ])
        try await change("m1", in: store, at: now, .delivered(httpStatus: 200))
        try await change("m2", in: store, at: now, .failed(problem: "No."))
        #expect(
            try await store.pendingDeliveries() == [
                shop: PendingDeliveries(count: 1, since: later.createdAt),
                other: PendingDeliveries(count: 1, since: now),
            ])
    }

    @Test(arguments: StoreMaker.allCases)
    func oneOfAJobWaitsForThoseBeforeIt(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let others = [try delivery("b1", of: "b"), try delivery("o1", to: "other")]
        try await store.commit([
            created("a", number: 1, [try delivery("m1"), try delivery("m2"), try delivery("m3")] + others)
        ])
        #expect(try await due(store).ids == ["o1", "m1", "b1"])
        let later = now + .seconds(5)
        try await change("m1", in: store, at: now, .failed(problem: "No."))
        #expect(try await due(store).ids == ["o1", "b1"])
        #expect(try await due(store).next == later)
        #expect(try await due(store, at: later).ids.contains("m1"))
        let ended = try await change("m1", in: store, at: later, .delivered(httpStatus: 200))
        #expect(ended?.status == .delivered && ended?.tries.count == 2 && ended?.endedAt == later)
        #expect(try await due(store, at: later).ids == ["o1", "b1", "m2"])
        // What came again has no part in the order of the others.
        let id = try #require(DeliveryID("m1"))
        _ = try await store.changeDelivery(id, at: later) { [later] in $0.sendAgain(at: later) }
        #expect(try await due(store, at: later).ids == ["o1", "b1", "m1", "m2"])
        try await change("m1", in: store, at: later, .delivered(httpStatus: 200))
        #expect(try await due(store, at: later).ids == ["o1", "b1", "m2"], "m3 waits for m2")
    }

    @Test(arguments: StoreMaker.allCases)
    func eachWebhookHasAsMuchAsItMay(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for number in 1...5 {
            let job = "j\(number)"
            try await store.commit([
                created(
                    job, number: Int64(number),
                    [try delivery("m\(number)", of: job), try delivery("o\(number)", to: "other", of: job)])
            ])
        }
        #expect(try await due(store, ["shop": 2, "other": 1]).ids == ["o1", "m1", "m2"])
        #expect(try await due(store, ["gone": 9]).ids == [])
    }

    @Test(arguments: StoreMaker.allCases)
    func everyFieldOfAMessageComesBack(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        try await store.commit([created("a", number: 1, [try delivery("m1")])])
        for outcome in [
            Delivery.Outcome.failed(problem: "The \"name\" is unknown.", httpStatus: 599), .failed(problem: "No."),
            .delivered(httpStatus: 202),
        ] {
            let changed = try await change("m1", in: store, at: now + .seconds(1), outcome)
            #expect(try await store.deliveries(DeliveryQuery()) == [try #require(changed)])
        }
        #expect(try await change("m9", in: store, at: now, .failed(problem: "No.")) == nil)
    }

    @Test(arguments: StoreMaker.allCases)
    func pagesAreNewestFirstAndFiltered(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for number in 1...6 {
            let job = "j\(number)"
            let webhook = number % 2 == 0 ? "shop" : "other"
            try await store.commit([
                created(job, number: Int64(number), [try delivery("m\(number)", to: webhook, of: job)])
            ])
        }
        try await change("m4", in: store, at: now, .delivered(httpStatus: 200))
        func page(_ query: DeliveryQuery) async throws -> [String] {
            try await store.deliveries(query).map(\.id.description)
        }
        #expect(try await page(DeliveryQuery(limit: 2)) == ["m6", "m5"])
        let last = try #require(try await store.deliveries(DeliveryQuery(limit: 2)).last)
        #expect(try await page(DeliveryQuery(limit: 2, before: last.number)) == ["m4", "m3"])
        #expect(try await page(DeliveryQuery(webhook: try Self.webhook("other"))) == ["m5", "m3", "m1"])
        #expect(try await page(DeliveryQuery(status: .delivered)) == ["m4"])
        #expect(try await page(DeliveryQuery(jobId: .named("j2"), status: .pending)) == ["m2"])
    }

    @Test(arguments: StoreMaker.allCases)
    func whatHasEndedGoesByItsAgeAndItsNumber(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for number in 1...6 {
            let job = "j\(number)"
            try await store.commit([created(job, number: Int64(number), [try delivery("m\(number)", of: job)])])
            if number == 6 { continue }
            try await change("m\(number)", in: store, at: now + .seconds(number), .delivered(httpStatus: 200))
        }
        func left() async throws -> [String] { try await store.deliveries(DeliveryQuery()).map(\.id.description) }
        func remove(before seconds: Int, keeping count: Int, limit: Int = 100) async throws -> Int {
            try await store.removeDeliveries(endedBefore: now + .seconds(seconds), keeping: count, limit: limit)
        }
        #expect(try await remove(before: 2, keeping: 100) == 1)
        #expect(try await left() == ["m6", "m5", "m4", "m3", "m2"])
        #expect(try await remove(before: 0, keeping: 2, limit: 1) == 1)
        #expect(try await left() == ["m6", "m5", "m4", "m3"])
        #expect(try await remove(before: 0, keeping: 2) == 1)
        #expect(try await remove(before: 0, keeping: 2) == 0)
        #expect(try await left() == ["m6", "m5", "m4"], "what is pending stays")
    }

    @Test(arguments: StoreMaker.allCases)
    func whatNoWebhookIsThereForIsFound(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        try await store.commit([created("a", number: 1, [try delivery("m1"), try delivery("o1", to: "other")])])
        func strays(_ moment: Timestamp, except names: [String]) async throws -> [String] {
            try await store.strayDeliveries(
                createdBefore: moment, except: try names.map(Self.webhook), limit: 10
            ).map(\.id.description)
        }
        #expect(try await strays(now, except: []) == [])
        #expect(try await strays(now + .seconds(1), except: ["other"]) == ["m1"])
        let id = try #require(DeliveryID("m1"))
        _ = try await store.changeDelivery(id, at: now) { [now] in $0.abandon(at: now) }
        #expect(try await strays(now + .seconds(1), except: ["other"]) == [])
    }
}
