import NIOCore

/// Lists that are being read: each ends with its connection, and after ``longest`` at the latest.
struct Searches {
    private struct Search {
        let owner: ObjectIdentifier
        let task: Task<Void, Never>
        let deadline: Scheduled<Void>
        let loop: any EventLoop
        let start: NIODeadline
    }

    static let longest = TimeAmount.seconds(10)

    private var searches: [Int: Search] = [:]
    private var lastNumber = 0

    /// Begins a search, on the loop; `work` gets its number, with which it ends.
    mutating func begin(for owner: ObjectIdentifier, on loop: any EventLoop, work: (Int) -> Task<Void, Never>) {
        lastNumber += 1
        let task = work(lastNumber)
        searches[lastNumber] = Search(
            owner: owner, task: task, deadline: loop.scheduleTask(in: Self.longest) { task.cancel() }, loop: loop,
            start: loop.now)
    }

    /// Ends a search; returns whether it had taken as long as it may.
    mutating func end(_ number: Int) -> Bool {
        guard let search = searches.removeValue(forKey: number) else { return false }
        search.deadline.cancel()
        return search.loop.now - search.start >= Self.longest
    }

    /// Interrupts the searches of a connection that has ended.
    mutating func endAll(of owner: ObjectIdentifier) {
        for search in searches.values where search.owner == owner { search.task.cancel() }
    }
}
