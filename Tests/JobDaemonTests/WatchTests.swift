import JSON
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct WatchTests {
    // MARK: What may be forgotten

    @Test func aJobStaysWhileItIsWatchedByItsNameAndGoesLater() {
        var image = CommittedImage()
        var watches = Watches()
        let listener = Listener()
        let number = watches.add(of: listener, ["watched"])
        image.set(.ended("watched"))
        for index in 0...RecentlyUsed<JobID>.limit { image.set(.ended("a\(index)")) }
        let first = Self.evicted(from: &image, watches)
        #expect(first == [.named("a0")])
        #expect(image.record(.named("watched")) != nil)
        for id in watches.remove(number.value, of: listener) { image.release(id) }
        for index in 0...RecentlyUsed<JobID>.limit { image.set(.ended("b\(index)")) }
        let second = Self.evicted(from: &image, watches)
        #expect(second.contains(.named("watched")))
        #expect(image.records.reduce(0) { count, _ in count + 1 } == RecentlyUsed<JobID>.limit)
    }

    private static func evicted(from image: inout CommittedImage, _ watches: Watches) -> [JobID] {
        var evicted: [JobID] = []
        image.evict(isNeeded: { watches.isNamed($0) }) { id in
            evicted.append(id)
            return true
        }
        return evicted
    }

    @Test func aWatchOfAllKeepsNothing() {
        var watches = Watches()
        _ = watches.add(of: Listener(), nil)
        #expect(watches.isWatched(.named("a")) && !watches.isNamed(.named("a")))
    }

    @Test func aJobIsReleasedWithTheLastWhoNamesIt() {
        var watches = Watches()
        let (one, other) = (Listener(), Listener())
        let first = watches.add(of: one, ["a", "b"])
        _ = watches.add(of: one, ["a"])
        _ = watches.add(of: other, ["b"])
        let released = [
            watches.remove(first.value, of: one), watches.removeAll(of: one), watches.removeAll(of: other),
        ]
        #expect(released == [[], [.named("a")], [.named("b")]])
        #expect(watches.count == 0)
    }

    // MARK: What one connection may watch

    @Test func aConnectionWatchesNoMoreThanItMay() throws {
        var watches = Watches()
        let (greedy, other) = (Listener(), Listener())
        for _ in 0..<Watches.unnamedOfConnection { _ = watches.add(of: greedy, nil) }
        let all = Watches.Watch(listener: greedy, jobIds: nil, queue: nil)
        #expect(throws: Refusal.self) { try watches.add(all) }
        #expect(watches.count == Watches.unnamedOfConnection)
        _ = watches.add(of: greedy, ["a"])
        _ = watches.add(of: other, nil)
        _ = watches.removeAll(of: greedy)
        #expect(throws: Never.self) { try watches.add(all) }
    }

    @Test func namesAreCountedEachTimeThatTheyAreNamed() throws {
        var watches = Watches()
        let listener = Listener()
        let ids = Set((0..<1000).map { JobID.named("j\($0)") })
        let watch = Watches.Watch(listener: listener, jobIds: ids, queue: nil)
        for _ in 0..<Watches.namesOfConnection / 1000 { _ = try watches.add(watch) }
        let refusal = #expect(throws: Refusal.self) { try watches.add(watch) }
        #expect(refusal?.code == .tooManyRequests)
    }

    // MARK: Who reads slowly

    @Test func aSlowReaderGetsTheNewestStatesAndEveryFinalOne() {
        var states = UnsentStates()
        let (named, unnamed) = (Watches.Number(value: 1, isNamed: true), Watches.Number(value: 2, isNamed: false))
        for watch in [named, unnamed] {
            for version in 1...3 { _ = states.put(.state("a", version: Int64(version)), watch: watch) }
            _ = states.put(.ended("a", version: 4), watch: watch)
            _ = states.put(.state("a", version: 5), watch: watch)
        }
        var told: [Int: [Int64]] = [:]
        while let (record, watch) = states.popFirst() { told[watch, default: []].append(record.job?.version ?? 0) }
        #expect(told == [1: [4, 5], 2: [4, 5]] && states.isEmpty)
    }

    @Test func aWatchOfAllThatFallsTooFarBehindEnds() {
        var states = UnsentStates()
        let (small, large) = (Watches.Number(value: 1, isNamed: false), Watches.Number(value: 2, isNamed: false))
        _ = states.put(.state("a"), watch: small)
        var lagged: [Int] = []
        for index in 0..<UnsentStates.limit {
            if let watch = states.put(.state("j\(index)"), watch: large) { lagged.append(watch) }
        }
        #expect(lagged == [2])
        let left = states.popFirst()
        #expect(left?.watch == 1 && states.isEmpty)
    }

    @Test func manyBytesAreTooFarBehindToo() {
        var states = UnsentStates()
        let watch = Watches.Number(value: 1, isNamed: false)
        let metadata: JSONValue = ["text": .string(String(repeating: "x", count: 60_000))]
        let limit = UnsentStates.byteLimit / 60_000
        let lagged = (0...limit).contains { index in
            states.put(.job(.sample(jobId: .named("j\(index)"), metadata: metadata)), watch: watch) != nil
        }
        #expect(lagged && states.isEmpty)
    }

    @Test func namedJobsAreNeverTooMany() {
        var states = UnsentStates()
        let watch = Watches.Number(value: 1, isNamed: true)
        let lagged = (0...UnsentStates.limit).compactMap { states.put(.state("j\($0)"), watch: watch) }
        #expect(lagged.isEmpty)
    }

    // MARK: Output that is not taken

    @Test func outputHasMovedWhenSomethingOfItWasTaken() {
        var output = StallDetector()
        output.wrote(100_000)
        var moves = [100_000, 99_999, 99_999].map { output.hasMoved(unsent: $0) }
        output.wrote(50)
        moves += [100_049, 0].map { output.hasMoved(unsent: $0) }
        #expect(moves == [false, true, false, false, true])
    }
}

private final class Listener: WatchListener {
    let isActive = true

    func changed(_ record: JobRecord, json: ByteBuffer?, watch: Watches.Number) {}
}

extension Watches {
    fileprivate mutating func add(of listener: Listener, _ ids: [String]?) -> Number {
        let watch = Watch(listener: listener, jobIds: ids.map { Set($0.map(JobID.named)) }, queue: nil)
        guard let number = try? add(watch) else {
            Issue.record("a watch was refused")
            return Number(value: 0, isNamed: false)
        }
        return number
    }
}

extension JobRecord {
    fileprivate static func state(_ id: String, version: Int64 = 1) -> JobRecord {
        .job(.sample(jobId: .named(id), status: .processing, version: version))
    }

    fileprivate static func ended(_ id: String, version: Int64 = 1) -> JobRecord {
        .job(.sample(jobId: .named(id), status: .completed, version: version))
    }
}
