import JSON
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// Uploads that arrive through fronts, within what there may be.
@Suite(.timeLimit(.minutes(5)))
struct ArrivalTests {
    private static let rules = Rules(
        pipelines: [JobMap.defaultJobType: .init()],
        quotas: Quotas(owner: .init(storedBytes: 100, uploads: 2), total: .init(storedBytes: 1000, uploads: 3)))

    private func report(_ upload: String, _ bytes: Int64, announced: Int64? = nil) -> JSONObject {
        var params: JSONObject = ["upload": .string(upload), "bytes": JSONValue(bytes)]
        params["announced"] = announced.map { JSONValue($0) }
        return params
    }

    private func refusal(_ client: ControlClient, _ params: JSONObject, _ owner: String?) async throws -> Refusal? {
        let caller = Caller(role: owner == nil ? .operator : .none, owner: owner)
        do {
            _ = try await client.call(.reportUpload, params: JSONValue.object(params).bytes, caller: caller).outcome()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    private func withFront(_ body: (DaemonHarness, ControlClient) async throws -> Void) async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let front = try await ControlClient.connect(
                to: harness.sockets[.front] ?? "", on: harness.daemon.loop
            ).outcome()
            try await body(harness, front)
            front.close()
        }
    }

    @Test func soManyUploadsArriveAtATime() async throws {
        try await withFront { harness, front in
            for upload in ["a", "b", "a"] { #expect(try await refusal(front, report(upload, 0), "ann") == nil) }
            let third = try await refusal(front, report("c", 0), "ann")
            #expect(third?.code == .quotaExceeded && third?.httpStatus == 429)
            #expect(third?.details == ["quota": "quota.owner.uploads", "limit": 2])
            #expect(try await refusal(front, report("c", 0), "bob") == nil)
            let fourth = try await refusal(front, report("d", 0), nil)
            #expect(fourth?.details["quota"] == "quota.total.uploads")
            #expect(try await harness.refusal(.beginFile, ["name": "a"])?.code == .quotaExceeded)
            #expect(try await refusal(front, ["upload": "a", "ended": true], nil) == nil)
            #expect(try await refusal(front, ["upload": "a", "ended": true], nil) == nil)
            #expect(try await refusal(front, report("c2", 0), "ann") == nil)
        }
    }

    @Test func bytesCountWhileTheyArriveAndNotBefore() async throws {
        try await withFront { harness, front in
            let tooLong = try await refusal(front, report("x", 0, announced: 101), "ann")
            #expect(tooLong?.code == .quotaExceeded && tooLong?.httpStatus == 507)
            // What was announced keeps nobody out.
            for upload in ["a", "b"] {
                #expect(try await refusal(front, report(upload, 0, announced: 90), "ann") == nil)
            }
            #expect(try await refusal(front, report("a", 90), "ann") == nil)
            #expect(try await refusal(front, report("b", 10), "ann") == nil)
            #expect(try await refusal(front, report("b", 11), "ann")?.httpStatus == 507)
            #expect(try await refusal(front, report("c", 90), "bob") == nil)
            #expect(try await refusal(front, ["upload": "a", "ended": true], nil) == nil)
            let file = JobFile.sample("one", size: 90).json.object ?? [:]
            try await harness.call(.adoptFile, file, through: .front, as: Caller(owner: "ann"))
            #expect(try await refusal(front, report("b", 11), "ann")?.httpStatus == 507)
            let more = JobFile.sample("two", size: 11).json.object ?? [:]
            let refused = try await harness.refusal(.adoptFile, more, through: .front, as: Caller(owner: "ann"))
            #expect(refused?.httpStatus == 507)
            #expect(try await refusal(front, report("d", 1000), nil)?.details["quota"] == "quota.total.storedBytes")
        }
    }

    @Test func whatAFrontReceivedGoesWithItsConnection() async throws {
        try await withFront { harness, front in
            for upload in ["a", "b"] { #expect(try await refusal(front, report(upload, 50), "ann") == nil) }
            let other = try await ControlClient.connect(
                to: harness.sockets[.front] ?? "", on: harness.daemon.loop
            ).outcome()
            #expect(try await refusal(other, report("a", 0), "ann") != nil)
            front.close()
            while try await refusal(other, report("a", 100), "ann") != nil {}
            other.close()
        }
    }

    @Test func theCountsAreWhatARecountFinds() {
        final class Front {}
        let fronts = [Front(), Front(), Front()]
        var random = SeededGenerator(seed: 7)
        var arrivals = Arrivals()
        var known: [ObjectIdentifier: [String: (account: Account?, bytes: Int64)]] = [:]
        let accounts: [Account?] = [nil, .owner("ann"), .place("")]
        for _ in 0..<5000 {
            let front = ObjectIdentifier(fronts[Int.random(in: 0..<3, using: &random)])
            let upload = "u\(Int.random(in: 0..<6, using: &random))"
            let account = accounts[Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                arrivals.endAll(on: front)
                known[front] = nil
            case 1..<7:
                arrivals.end(upload, on: front)
                known[front]?[upload] = nil
            default:
                let bytes = Int64.random(in: 0..<1000, using: &random)
                arrivals.note(bytes, of: upload, for: account, on: front)
                let first = known[front]?[upload]
                known[front, default: [:]][upload] = (first.map { $0.account } ?? account, bytes)
            }
            let all = known.values.flatMap(\.values)
            #expect(arrivals.total == .init(uploads: all.count, bytes: all.reduce(0) { $0 + $1.bytes }))
            for account in accounts.compactMap(\.self) {
                let own = all.filter { $0.account == account }
                let use = arrivals.use(with: 0, of: "none", for: account, on: front).own
                #expect(use == .init(uploads: own.count + 1, bytes: own.reduce(0) { $0 + $1.bytes }))
            }
        }
    }
}
