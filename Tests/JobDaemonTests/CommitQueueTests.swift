import JSON
import JobModel
import JobStorage
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct CommitQueueTests {
    private var commits = CommitQueue()

    @Test mutating func decisionsThatComeWhileOneIsWrittenShareTheNextWrite() {
        #expect(add("a"))
        #expect(!add("b") && commits.begin()?.names == ["a", "b"])
        #expect(!add("c") && !add("d"))
        _ = commits.finish()
        #expect(commits.begin()?.names == ["c", "d"])
        #expect(commits.takeWritten().names == ["a", "b"])
        _ = commits.finish()
        #expect(commits.begin() == nil)
        #expect(!commits.isIdle && commits.takeWritten().names == ["c", "d"] && commits.isIdle)
        #expect(add("e"))
    }

    @Test mutating func afterAFailureNothingIsWrittenUntilEverythingWasTakenBack() {
        #expect(add("a") && commits.begin()?.names == ["a"])
        _ = commits.finish()
        #expect(!add("b") && commits.begin()?.names == ["b"])
        #expect(!add("c"))
        // The write of "b" fails here; until the loop knows, it goes on adding.
        #expect(!add("d"))
        #expect(commits.takeWritten().names == ["a"])
        #expect(commits.takeFailed().names == ["b", "c", "d"])
        #expect(commits.isIdle && add("e") && commits.begin()?.names == ["e"])
    }

    @Test mutating func aWriteHasAboutAThousandEvents() {
        for (name, count) in [("a", 600), ("b", 400), ("c", 1), ("d", 5000), ("e", 0)] { _ = add(name, events: count) }
        var writes: [[String]] = []
        while let batch = commits.begin() {
            writes.append(batch.names)
            _ = commits.finish()
        }
        #expect(writes == [["a", "b"], ["c"], ["d", "e"]] || writes == [["a", "b"], ["c"], ["d"], ["e"]])
        // One turn of the loop tells less, and at least one decision.
        var told: [[String]] = []
        while commits.hasWritten { told.append(commits.takeWritten().names) }
        #expect(told == [["a"], ["b"], ["c"], ["d"], ["e"]])
    }

    /// However many writes end meanwhile, a turn of the loop tells one piece.
    @Test mutating func oneAfterTheOtherTells() {
        for name in ["a", "b", "c"] { _ = add(name, events: 1000) }
        #expect(commits.begin()?.names == ["a"] && commits.finish())
        #expect(commits.begin()?.names == ["b"] && !commits.finish())
        #expect(commits.takeWritten().names == ["a"] && commits.goesOnTelling())
        #expect(commits.begin()?.names == ["c"] && !commits.finish() && commits.begin() == nil)
        #expect(commits.takeWritten().names == ["b"] && commits.takeWritten().names == ["c"])
        #expect(!commits.goesOnTelling() && commits.takeWritten().isEmpty)
        #expect(add("d") && commits.begin()?.names == ["d"] && commits.finish())
    }

    @Test mutating func aPieceHasFewDecisionsAlsoOfThoseThatChangeNothing() {
        for number in 0..<100 { _ = add("\(number)") }
        #expect(commits.begin()?.count == 100 && commits.finish())
        let first = commits.takeWritten()
        #expect(first.count < 100 && first.names == (0..<first.count).map(String.init))
        #expect(commits.takeWritten().names.first == "\(first.count)")
    }

    @Test mutating func theNextWriteIsFullUntilItBegins() {
        for _ in 0..<999 { _ = add("a", events: 1) }
        #expect(!commits.isFull)
        _ = add("b")
        #expect(commits.isFull && commits.begin()?.count == 1000 && !commits.isFull)
        for _ in 0..<2500 { _ = add("c", events: 1) }
        _ = commits.finish()
        #expect(commits.begin()?.count == 1000 && commits.isFull)
        #expect(commits.takeFailed().count == 2500 && !commits.isFull)
    }

    @Test mutating func whatWasRefusedComesBackAndWhatRestedOnItIsOpenAgain() {
        for (name, count) in [("a", 0), ("b", 1), ("c", 0), ("d", 1)] { _ = add(name, events: count) }
        #expect(commits.begin()?.names == ["a", "b", "c", "d"])
        _ = add("e", events: 1)
        let refused = commits.finish(except: [1: .rejected("no")])
        #expect(refused.map { $0.decision }.names == ["b"])
        #expect(commits.takeWritten().names == ["a", "d"])
        #expect(commits.takeFailed().names == ["c", "e"] && commits.isIdle)
    }

    private mutating func add(_ queue: String, events: Int = 0) -> Bool {
        let event = Event.queue(name: queue, wasPaused: false, isPaused: true)
        return commits.add(
            Decision(
                proposal: Proposal(command: .pause(queue: queue)), events: Array(repeating: event, count: events),
                answer: .value([:])))
    }
}

extension Sequence<Decision> {
    fileprivate var names: [String] {
        map { if case .pause(let queue) = $0.proposal.command { queue } else { "" } }
    }
}
