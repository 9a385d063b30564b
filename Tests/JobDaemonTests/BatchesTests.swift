import JSON
import JobModel
import JobStorage
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct BatchesTests {
    private var batches = Batches()

    @Test mutating func decisionsThatComeWhileOneIsWrittenShareTheNextWrite() {
        #expect(add("a"))
        #expect(!add("b") && batches.begin()?.names == ["a", "b"])
        #expect(!add("c") && !add("d"))
        _ = batches.finish()
        #expect(batches.begin()?.names == ["c", "d"])
        #expect(batches.takeWritten().names == ["a", "b"])
        _ = batches.finish()
        #expect(batches.begin() == nil)
        #expect(!batches.isIdle && batches.takeWritten().names == ["c", "d"] && batches.isIdle)
        #expect(add("e"))
    }

    @Test mutating func afterAFailureNothingIsWrittenUntilEverythingWasTakenBack() {
        #expect(add("a") && batches.begin()?.names == ["a"])
        _ = batches.finish()
        #expect(!add("b") && batches.begin()?.names == ["b"])
        #expect(!add("c"))
        // The write of "b" fails here; until the loop knows, it goes on adding.
        #expect(!add("d"))
        #expect(batches.takeWritten().names == ["a"])
        #expect(batches.takeFailed().names == ["b", "c", "d"])
        #expect(batches.isIdle && add("e") && batches.begin()?.names == ["e"])
    }

    @Test mutating func aWriteHasAboutAThousandEvents() {
        for (name, count) in [("a", 600), ("b", 400), ("c", 1), ("d", 5000), ("e", 0)] { _ = add(name, events: count) }
        var writes: [[String]] = []
        while let batch = batches.begin() {
            writes.append(batch.names)
            _ = batches.finish()
        }
        #expect(writes == [["a", "b"], ["c"], ["d", "e"]] || writes == [["a", "b"], ["c"], ["d"], ["e"]])
        // One turn of the loop tells less, and at least one decision.
        var told: [[String]] = []
        while batches.hasWritten { told.append(batches.takeWritten().names) }
        #expect(told == [["a"], ["b"], ["c"], ["d"], ["e"]])
    }

    /// However many writes end meanwhile, a turn of the loop tells one piece.
    @Test mutating func oneAfterTheOtherTells() {
        for name in ["a", "b", "c"] { _ = add(name, events: 1000) }
        #expect(batches.begin()?.names == ["a"] && batches.finish())
        #expect(batches.begin()?.names == ["b"] && !batches.finish())
        #expect(batches.takeWritten().names == ["a"] && batches.goesOnTelling())
        #expect(batches.begin()?.names == ["c"] && !batches.finish())
        #expect(batches.takeWritten().names == ["b"] && batches.takeWritten().names == ["c"])
        #expect(!batches.goesOnTelling() && batches.takeWritten().isEmpty)
        #expect(add("d") && batches.begin()?.names == ["d"] && batches.finish())
    }

    @Test mutating func aPieceHasFewDecisionsAlsoOfThoseThatChangeNothing() {
        for number in 0..<100 { _ = add("\(number)") }
        #expect(batches.begin()?.count == 100 && batches.finish())
        let first = batches.takeWritten()
        #expect(first.count < 100 && first.names == (0..<first.count).map(String.init))
        #expect(batches.takeWritten().names.first == "\(first.count)")
    }

    @Test mutating func theNextWriteIsFullUntilItBegins() {
        for _ in 0..<999 { _ = add("a", events: 1) }
        #expect(!batches.isFull)
        _ = add("b")
        #expect(batches.isFull && batches.begin()?.count == 1000 && !batches.isFull)
        for _ in 0..<2500 { _ = add("c", events: 1) }
        _ = batches.finish()
        #expect(batches.begin()?.count == 1000 && batches.isFull)
        #expect(batches.takeFailed().count == 2500 && !batches.isFull)
    }

    @Test mutating func whatWasRefusedComesBackAndWhatRestedOnItIsOpenAgain() {
        for (name, count) in [("a", 0), ("b", 1), ("c", 0), ("d", 1)] { _ = add(name, events: count) }
        #expect(batches.begin()?.names == ["a", "b", "c", "d"])
        _ = add("e", events: 1)
        let refused = batches.finish(except: [1: .rejected("no")])
        #expect(refused.map { $0.decision }.names == ["b"])
        #expect(batches.takeWritten().names == ["a", "d"])
        #expect(batches.takeFailed().names == ["c", "e"] && batches.isIdle)
    }

    private mutating func add(_ queue: String, events: Int = 0) -> Bool {
        let event = Event.queue(name: queue, wasPaused: false, isPaused: true)
        return batches.add(
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
