import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import NIOCore
import NIOPosix
import Testing

@testable import JobDaemon

/// Messages to webhooks, as whoever sends them gets them.
@Suite(.timeLimit(.minutes(5)))
struct WebhookTests {
    private static func rules() throws -> Rules {
        var rules = DaemonHarness.rules
        let address = try #require(WebhookAddress("https://example.org/hook"))
        for name in ["shop", "other"] {
            rules.webhooks[try #require(WebhookName(name))] = Webhook(
                address: address, secretFile: "/secret", moments: Set(Webhook.Moment.allCases))
        }
        return rules
    }

    /// Whoever sends messages.
    private struct Sender: Sendable {
        let client: ControlClient

        init(_ harness: DaemonHarness) async throws {
            client = try await ControlClient.connect(
                to: harness.sockets[.deliver] ?? "", on: MultiThreadedEventLoopGroup.singleton.next()
            ).outcome()
        }

        func take(waitSeconds: Int = 0) async throws -> [JSONValue] {
            let reply = try await client.call(.takeDeliveries, ["waitSeconds": JSONValue(waitSeconds)]).outcome()
            return try #require(try JSONValue.parse(reply.readableBytesView)["deliveries"]?.array)
        }

        /// What each message tells: the job and the type.
        func takeWords(waitSeconds: Int = 0) async throws -> [String] {
            try await take(waitSeconds: waitSeconds).map { delivery in
                let body = try JSONValue.parse(try #require(delivery["body"]?.string))
                return "\(body["data"]?["jobId"]?.string ?? "") \(body["type"]?.string ?? "")"
            }
        }

        func report(_ delivery: JSONValue, delivered: Bool) async throws {
            let params: JSONObject = ["id": delivery["id"] ?? .null, "delivered": .bool(delivered)]
            _ = try await client.call(.reportDelivery, params).outcome()
        }

        func end() async throws {
            client.close()
            try await client.closeFuture.outcome()
        }
    }

    /// Runs a job from its making to its end: three changes of its state, of which two are told.
    private func run(_ id: String, webhook: String = "shop", _ harness: DaemonHarness) async throws {
        try await harness.call(
            .createJob, ["jobId": .string(id), "jobType": "import", "webhook": .string(webhook)])
        try await harness.call(.updateJob, ["jobId": .string(id), "status": "processing"])
        try await harness.call(.updateJob, ["jobId": .string(id), "status": "completed"])
    }

    /// Waits until the daemon knows that a connection has ended.
    private func take(_ count: Int, by sender: Sender) async throws -> [JSONValue] {
        var taken: [JSONValue] = []
        while taken.count < count { taken += try await sender.take(waitSeconds: 50) }
        return taken
    }

    @Test func aMessageHasTheJobAsItWasThenAndAllThatIsNeededToSendIt() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            try await run("a", harness)
            let delivery = try #require(try await sender.take().first)
            #expect(delivery["url"] == "https://example.org/hook" && delivery["secretFile"] == "/secret")
            #expect(delivery["allowPrivate"] == false && delivery["webhook"] == "shop")
            let body = try JSONValue.parse(try #require(delivery["body"]?.string))
            #expect(body["type"] == "job.started" && body["timestamp"] == "2026-11-23T12:00:00.000Z")
            #expect(body["data"]?["status"] == "processing" && body["data"]?["version"] == 2)
            try await sender.end()
        }
    }

    @Test func whoeverWaitsHearsOfAMessageWhenItIsDurable() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store, rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            async let words = sender.takeWords(waitSeconds: 50)
            try await run("a", harness)
            #expect(try await words == ["a job.started"])
            try await sender.end()
        }
    }

    @Test func aReceiverThatIsDownForAnHourGetsEverythingInOrderUnderTheSameIds() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            try await run("a", harness)
            var ids: Set<String> = []
            var tries = 0
            let up = harness.clock.now + .seconds(3600)
            while harness.clock.now < up {
                for delivery in try await sender.take() {
                    ids.insert(try #require(delivery["id"]?.string))
                    tries += 1
                    try await sender.report(delivery, delivered: false)
                }
                await harness.clock.advance(by: .seconds(5))
            }
            #expect(ids.count == 1 && tries >= 5, "the second waits for the first")
            await harness.clock.advance(by: .seconds(3600))
            var arrived: [String] = []
            while let delivery = try await sender.take().first {
                let id = try #require(delivery["id"]?.string)
                if arrived.isEmpty { #expect(ids == [id]) }
                let body = try JSONValue.parse(try #require(delivery["body"]?.string))
                arrived.append(body["type"]?.string ?? "")
                try await sender.report(delivery, delivered: true)
            }
            #expect(arrived == ["job.started", "job.completed"])
            try await sender.end()
        }
    }

    @Test func whatWasCommittedIsSentByTheNextDaemon() async throws {
        let store = MemoryJobStore()
        let rules = try Self.rules()
        var first: [JSONValue] = []
        try await withDaemon(store: store, rules: rules) { harness in
            let sender = try await Sender(harness)
            try await run("a", harness)
            try await run("b", harness)
            // It is taken, and the daemon ends before anybody says what became of it.
            first = try await sender.take()
            #expect(first.count == 2)
            try await sender.end()
        }
        try await withDaemon(store: store, rules: rules) { harness in
            let sender = try await Sender(harness)
            var arrived: [String: [String]] = [:]
            var again: [JSONValue] = []
            while case let deliveries = try await sender.take(), !deliveries.isEmpty {
                if again.isEmpty { again = deliveries }
                for delivery in deliveries {
                    let body = try JSONValue.parse(try #require(delivery["body"]?.string))
                    let job = try #require(body["data"]?["jobId"]?.string)
                    arrived[job, default: []].append(body["type"]?.string ?? "")
                    try await sender.report(delivery, delivered: true)
                }
            }
            #expect(again == first)
            #expect(arrived == ["a": ["job.started", "job.completed"], "b": ["job.started", "job.completed"]])
            try await sender.end()
        }
    }

    @Test func aReceiverThatHangsHoldsUpNoOther() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            for number in 1...20 { try await run("a\(number)", harness) }
            // None of these is reported.
            #expect(try await sender.take().count == Outbox.sentAtOnce)
            #expect(try await sender.take().isEmpty)
            try await run("b", webhook: "other", harness)
            #expect(try await sender.takeWords() == ["b job.started"])
            try await sender.end()
        }
    }

    @Test func whatAConnectionWasSendingIsSentByAnother() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let (first, second) = (try await Sender(harness), try await Sender(harness))
            try await run("a", harness)
            let delivery = try #require(try await first.take().first)
            #expect(try await second.take().isEmpty)
            await #expect(throws: Refusal.self) { try await second.report(delivery, delivered: true) }
            try await first.end()
            #expect(try await take(1, by: second) == [delivery])
            try await second.end()
        }
    }

    @Test func aMessageIsListedAndSentOnceMore() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            try await run("a", harness)
            for _ in 0..<2 {
                for delivery in try await sender.take() { try await sender.report(delivery, delivered: true) }
            }
            let list = try await harness.call(.listDeliveries, [:], through: .observe)["deliveries"]?.array ?? []
            #expect(list.map { $0["type"] } == ["job.completed", "job.started"])
            #expect(list.allSatisfy { $0["status"] == "delivered" && $0["attempts"] == 1 })
            let id = try #require(list.first?["id"])
            let again = try await harness.call(.redeliver, ["id": id], through: .operate)
            #expect(again["status"] == "pending" && again["attempts"] == 0)
            #expect(try await sender.take().map { $0["id"] } == [id])
            #expect(try await harness.call(.listDeliveries, ["limit": 1])["nextCursor"]?.string != nil)
            try await sender.end()
        }
    }

    @Test func whatWaitsAndWhoSendsIsShown() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            func figures() async throws -> [String] {
                let text = try await harness.call(.getMetrics)["text"]?.string ?? ""
                return text.split(separator: "\n").filter { $0.hasPrefix("jobd_webhook_") }.map(String.init)
            }
            func webhooks() async throws -> JSONValue? { try await harness.call(.inspectServer)["webhooks"] }
            #expect(
                try await figures() == [
                    #"jobd_webhook_pending{webhook="other"} 0"#, #"jobd_webhook_pending{webhook="shop"} 0"#,
                    #"jobd_webhook_oldest_seconds{webhook="other"} 0"#,
                    #"jobd_webhook_oldest_seconds{webhook="shop"} 0"#,
                    "jobd_webhook_sender 0",
                ])
            try await run("a", harness)
            await harness.clock.advance(by: .seconds(90))
            #expect(try await figures().contains(#"jobd_webhook_pending{webhook="shop"} 2"#))
            #expect(try await figures().contains(#"jobd_webhook_oldest_seconds{webhook="shop"} 90"#))
            let sender = try await Sender(harness)
            let delivery = try #require(try await sender.take().first)
            try await sender.report(delivery, delivered: true)
            #expect(
                try await webhooks() == [
                    "sender": true,
                    "pending": [
                        ["webhook": "other", "count": 0, "oldestSeconds": 0],
                        ["webhook": "shop", "count": 1, "oldestSeconds": 90],
                    ],
                ])
            try await sender.end()
            while try await webhooks()?["sender"] != false { await giveWay() }
            #expect(try await figures().last == "jobd_webhook_sender 0")
        }
    }

    @Test func aChangeThatTheStoreRefusesIsNotTold() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store, rules: try Self.rules()) { harness in
            let sender = try await Sender(harness)
            try await harness.call(.createJob, ["jobId": "a", "jobType": "import", "webhook": "shop"])
            store.fail(next: [.rejected])
            #expect(try await harness.refusal(.updateJob, ["jobId": "a", "status": "processing"]) != nil)
            #expect(try await sender.take().isEmpty)
            #expect(try await store.deliveries(DeliveryQuery()).isEmpty)
            try await harness.call(.updateJob, ["jobId": "a", "status": "processing"])
            #expect(try await sender.takeWords() == ["a job.started"])
            try await sender.end()
        }
    }

    @Test func aWebhookThatIsGoneLeavesNothingStuck() async throws {
        let clock = ManualClock()
        try await withDaemon(clock: clock, rules: try Self.rules()) { harness in
            try await run("a", harness)
            clock.setSynchronized(true)
            await harness.daemon.setRules(DaemonHarness.rules)
            #expect(try await harness.call(.listDeliveries, ["status": "pending"])["deliveries"]?.array?.count == 2)
            await clock.advance(by: .seconds(3 * 86_400 + 120))
            while try await harness.call(.listDeliveries, ["status": "abandoned"])["deliveries"]?.array?.count != 2 {
                await clock.advance(by: .seconds(60))
            }
        }
    }
}
