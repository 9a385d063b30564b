import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct RecentlyUsedTests {
    private var recent = RecentlyUsed<Int>()

    @Test mutating func theOldestGoFirst() {
        for id in 0..<RecentlyUsed<Int>.limit + 3 { recent.add(id) }
        #expect(recent.surplus == 3)
        expectSurplus([0, 1, 2])
    }

    /// An id that is used often neither counts twice nor goes by an old use.
    @Test mutating func aUseMakesAnIdTheNewest() {
        for _ in 0..<5 { recent.add(0) }
        for id in 1..<RecentlyUsed<Int>.limit { recent.add(id) }
        #expect(recent.surplus == 0)
        recent.add(0)
        recent.add(-1)
        expectSurplus([1])
    }

    @Test mutating func whoeverHasLeftIsNotTakenOut() {
        for id in 0...RecentlyUsed<Int>.limit { recent.add(id) }
        recent.remove(0)
        #expect(recent.surplus == 0)
        recent.add(-1)
        expectSurplus([1])
    }

    private mutating func expectSurplus(_ expected: [Int]) {
        var surplus: [Int] = []
        while let id = recent.removeSurplus() { surplus.append(id) }
        #expect(surplus == expected)
    }
}
