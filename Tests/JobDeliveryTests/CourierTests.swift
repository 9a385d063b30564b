import JSON
import JobDaemonTesting
import JobDelivery
import JobModel
import JobTesting
import JobWire
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Whoever takes messages from a daemon and sends them, with a daemon of its own.
@Suite(.timeLimit(.minutes(5)))
struct CourierTests {
    private static func rules() throws -> Rules {
        var rules = DaemonHarness.rules
        for name in ["shop", "slow"] {
            rules.webhooks[try #require(WebhookName(name))] = Webhook(
                address: try #require(WebhookAddress("https://\(name).test/")), secretFile: "/secret",
                moments: Set(Webhook.Moment.allCases))
        }
        return rules
    }

    /// What was sent, in order; may be waited for.
    private final class Sent: Sendable {
        private struct State {
            var words: [String] = []
            var waiter: (count: Int, tell: @Sendable ([String]) -> Void)?
        }

        private let state = Mutex(State())

        func add(_ word: String) {
            let (tell, words) = state.withLock { state -> ((@Sendable ([String]) -> Void)?, [String]) in
                state.words.append(word)
                guard let waiter = state.waiter, state.words.count >= waiter.count else { return (nil, []) }
                state.waiter = nil
                return (waiter.tell, state.words)
            }
            tell?(words)
        }

        func wait(for count: Int) async -> [String] {
            await untilCalledBack { callBack in
                let words = state.withLock { state in
                    if state.words.count < count { state.waiter = (count, callBack) }
                    return state.words
                }
                if words.count >= count { callBack(words) }
            }
        }
    }

    private func run(_ id: String, webhook: String, _ harness: DaemonHarness) async throws {
        try await harness.call(
            .createJob, ["jobId": .string(id), "jobType": "import", "webhook": .string(webhook)])
        try await harness.call(.updateJob, ["jobId": .string(id), "status": "processing"])
        try await harness.call(.updateJob, ["jobId": .string(id), "status": "completed"])
    }

    private func word(_ order: Order) -> String {
        let body = try? JSONValue.parse(order.body)
        return "\(body?["data"]?["jobId"]?.string ?? "") \(body?["type"]?.string ?? "")"
    }

    private func withCourier(
        _ harness: DaemonHarness, _ send: @escaping @Sendable (Order) async -> Delivery.Outcome,
        _ body: () async throws -> Void
    ) async throws {
        let courier = Courier(
            socket: harness.sockets[.deliver] ?? "", on: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, send: send)
        let task = Task { await courier.run() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        task.cancel()
        await task.value
        try outcome.get()
    }

    @Test func messagesAreSentInOrderAndReported() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sent = Sent()
            try await withCourier(harness) { order in
                sent.add(word(order))
                return .delivered(httpStatus: 200)
            } _: {
                for id in ["a", "b", "c"] { try await run(id, webhook: "shop", harness) }
                let words = await sent.wait(for: 6)
                for id in ["a", "b", "c"] {
                    #expect(words.filter { $0.hasPrefix(id) } == ["\(id) job.started", "\(id) job.completed"])
                }
            }
        }
    }

    @Test func oneThatHangsHoldsUpNoOther() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sent = Sent()
            try await withCourier(harness) { order in
                if order.address.host == "slow.test" {
                    // Until the courier is told to end.
                    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
                    for await _ in never {}
                    continuation.finish()
                }
                sent.add(word(order))
                return .delivered(httpStatus: 200)
            } _: {
                for number in 1...12 { try await run("slow-\(number)", webhook: "slow", harness) }
                try await run("a", webhook: "shop", harness)
                #expect(await sent.wait(for: 2) == ["a job.started", "a job.completed"])
            }
        }
    }

    @Test func whatDidNotArriveIsReportedWithItsReason() async throws {
        try await withDaemon(rules: try Self.rules()) { harness in
            let sent = Sent()
            try await withCourier(harness) { order in
                sent.add(order.id)
                return .failed(problem: "The receiver answered 500.", httpStatus: 500, retryAfter: .seconds(60))
            } _: {
                try await run("a", webhook: "shop", harness)
                _ = await sent.wait(for: 1)
                while true {
                    let list = try await harness.call(.listDeliveries)["deliveries"]?.array ?? []
                    guard let first = list.last, first["attempts"] != 0 else {
                        await giveWay()
                        continue
                    }
                    #expect(first["problem"] == "The receiver answered 500." && first["httpStatus"] == 500)
                    #expect(first["nextAttemptAt"] == "2026-11-23T12:01:00.000Z")
                    break
                }
            }
        }
    }
}
