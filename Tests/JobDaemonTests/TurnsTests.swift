import Testing

@testable import JobDaemon

/// Long work of the loop.
struct TurnsTests {
    private var turns = Turns()

    /// All that may be done now, in order.
    private mutating func takeAll() -> [Turns.Work] {
        var taken: [Turns.Work] = []
        while let work = turns.next() { taken.append(work) }
        return taken
    }

    private mutating func begin(_ works: Turns.Work...) -> [Bool] { works.map { turns.mayBegin($0) } }

    @Test mutating func workBeginsAtOnceWhileNobodyPauses() {
        let begun = begin(.tell, .tick, .tick)
        let left = takeAll()
        #expect(begun == [true, true, true])
        #expect(left == [])
    }

    /// Otherwise the two would fill each other's pauses.
    @Test mutating func nothingBeginsDuringAPause() {
        turns.pause(before: .tell)
        let begun = begin(.tick, .tell, .tick)
        let during = takeAll()
        turns.endPause()
        let behind = takeAll()
        #expect(begun == [false, false, false])
        #expect(during == [])
        #expect(behind == [.tell, .tick])
    }

    @Test mutating func whatGoesOnComesBehindWhatWaits() {
        turns.pause(before: .tell)
        _ = begin(.tick)
        var order: [Turns.Work] = []
        for _ in 1...4 {
            turns.endPause()
            guard let work = turns.next() else { break }
            order.append(work)
            turns.pause(before: work)
        }
        #expect(order == [.tell, .tick, .tell, .tick])
    }
}
