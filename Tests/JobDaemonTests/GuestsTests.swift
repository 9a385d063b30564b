import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct GuestsTests {
    private var guests = Guests<Int>()

    @Test mutating func theOldestGoFirst() {
        for id in 0..<Guests<Int>.limit + 3 { guests.add(id) }
        #expect(guests.surplus == 3)
        expectSurplus([0, 1, 2])
    }

    /// An id that is used often neither counts twice nor goes by an old use.
    @Test mutating func aUseMakesAGuestTheNewest() {
        for _ in 0..<5 { guests.add(0) }
        for id in 1..<Guests<Int>.limit { guests.add(id) }
        #expect(guests.surplus == 0)
        guests.add(0)
        guests.add(-1)
        expectSurplus([1])
    }

    @Test mutating func whoeverHasLeftIsNotTakenOut() {
        for id in 0...Guests<Int>.limit { guests.add(id) }
        guests.remove(0)
        #expect(guests.surplus == 0)
        guests.add(-1)
        expectSurplus([1])
    }

    private mutating func expectSurplus(_ expected: [Int]) {
        var surplus: [Int] = []
        while let id = guests.removeSurplus() { surplus.append(id) }
        #expect(surplus == expected)
    }
}
