/// The jobs of one queue and priority that wait for a slot, in turns.
///
/// Each group gets a slot when it is its turn; within a group the oldest job goes first of those whose key is free. A group
/// that comes anew begins with the others, and not with what it has missed.
struct TurnIndex: Sendable {
    /// Whose jobs share a turn.
    struct Group: Hashable, Sendable {
        /// The owner or the limit key, whichever the queue is fair to; empty for jobs without, and where it is to none.
        let name: String
        /// Nil for jobs without, and where accounts are not counted.
        let account: Account?
    }

    /// Jobs of a group that go one after another.
    struct Lane: Hashable, Sendable {
        let jobType: String
        /// The limit key; empty for jobs without.
        let key: String
    }

    /// What a group has.
    private struct Waiting: Sendable {
        var lanes: [Lane: SortedNumbers] = [:]
        /// By type, the first of each lane whose key is free.
        var heads: [String: SortedNumbers] = [:]
        /// The turn that it waits for.
        var turn: Int64
        /// Whether it has more than it should already, so that every other group goes first.
        var isLate = false

        init(turn: Int64) { self.turn = turn }

        /// Changes a lane, and keeps its head in step.
        mutating func change(_ lane: Lane, _ isFree: Bool, _ body: (inout SortedNumbers) -> Void) {
            var numbers = lanes.removeValue(forKey: lane) ?? SortedNumbers()
            let before = numbers.first
            body(&numbers)
            if before != numbers.first {
                if let before { setHead(before, of: lane, false) }
                if let after = numbers.first, isFree { setHead(after, of: lane, true) }
            }
            if !numbers.isEmpty { lanes[lane] = numbers }
        }

        mutating func setHead(_ number: Int64, of lane: Lane, _ isThere: Bool) {
            var heads = heads.removeValue(forKey: lane.jobType) ?? SortedNumbers()
            if isThere { heads.insert(number) } else { heads.remove(number) }
            if !heads.isEmpty { self.heads[lane.jobType] = heads }
        }
    }

    /// A group that has something of a type to start.
    private struct Candidate: Comparable, Sendable {
        let isLate: Bool
        let turn: Int64
        let number: Int64
        let group: Group

        /// Nil for one that has nothing.
        init?(_ waiting: Waiting?, of group: Group, _ type: String) {
            guard let waiting, let number = waiting.heads[type]?.first else { return nil }
            (isLate, turn, self.number, self.group) = (waiting.isLate, waiting.turn, number, group)
        }

        static func < (left: Candidate, right: Candidate) -> Bool {
            if left.isLate != right.isLate { return right.isLate }
            return (left.turn, left.number) < (right.turn, right.number)
        }
    }

    private var groups: [Group: Waiting] = [:]
    /// By type.
    private var candidates: [String: LazyHeap<Candidate>] = [:]
    /// The turn that was had last.
    private var turn: Int64 = 0
    /// All that wait.
    private(set) var numbers = SortedNumbers()
    /// With so many groups, those that have nothing are looked for.
    private var manyGroups = Self.fewGroups

    private static let fewGroups = 64

    /// The job of these types that is to be started next, and whether others should go first that wait elsewhere; nil when all
    /// wait for their keys.
    mutating func first(of types: some Sequence<String>) -> (number: Int64, isLate: Bool)? {
        let groups = groups
        let firsts = types.compactMap { type in
            candidates[type]?.first { Candidate(groups[$0.group], of: $0.group, type) == $0 }
        }
        return firsts.min().map { ($0.number, $0.isLate) }
    }

    mutating func insert(_ number: Int64, group: Group, in lane: Lane, isFree: Bool, isLate: Bool = false) {
        numbers.insert(number)
        if (groups[group]?.isLate ?? false) != isLate { setLate(isLate, group: group) }
        change(group, [lane.jobType]) {
            $0.isLate = isLate
            $0.change(lane, isFree) { $0.insert(number) }
        }
    }

    /// Takes note that a group has more than it should, or does not any more.
    mutating func setLate(_ isLate: Bool, group: Group) {
        guard let waiting = groups[group] else { return }
        change(group, Array(waiting.heads.keys)) { $0.isLate = isLate }
    }

    mutating func remove(_ number: Int64, group: Group, in lane: Lane, isFree: Bool) {
        numbers.remove(number)
        change(group, [lane.jobType]) { $0.change(lane, isFree) { $0.remove(number) } }
    }

    /// Takes note that a key has become free, or is free no more.
    mutating func setFree(_ isFree: Bool, in lane: Lane, group: Group) {
        change(group, [lane.jobType]) { waiting in
            if let head = waiting.lanes[lane]?.first { waiting.setHead(head, of: lane, isFree) }
        }
    }

    /// Takes note that a group had its turn.
    mutating func serve(group: Group) {
        guard let waiting = groups[group] else { return }
        turn = max(turn, waiting.turn)
        change(group, Array(waiting.heads.keys)) { [turn] in $0.turn = turn + 1 }
    }

    mutating func shrink() {
        for type in candidates.keys { candidates[type]?.shrink() }
    }

    /// Changes what a group has of these types; one that has nothing then, and is owed nothing, is forgotten.
    private mutating func change(_ group: Group, _ types: [String], _ body: (inout Waiting) -> Void) {
        let known = groups.removeValue(forKey: group)
        let before = types.map { Candidate(known, of: group, $0) }
        var waiting = known ?? Waiting(turn: turn)
        if waiting.lanes.isEmpty { waiting.turn = max(waiting.turn, turn) }
        body(&waiting)
        let after = types.map { Candidate(waiting, of: group, $0) }
        if !waiting.lanes.isEmpty || waiting.turn > turn { groups[group] = waiting }
        if groups.count > manyGroups { forgetPast() }
        for (type, (before, after)) in zip(types, zip(before, after)) where before != after {
            var heap = candidates.removeValue(forKey: type) ?? LazyHeap()
            if let after { heap.insert(after) }
            let groups = groups
            heap.sweep(live: groups.count) { Candidate(groups[$0.group], of: $0.group, type) == $0 }
            if heap.count > 0 { candidates[type] = heap }
        }
    }

    private mutating func forgetPast() {
        groups = groups.filter { !$0.value.lanes.isEmpty || $0.value.turn > turn }
        manyGroups = max(Self.fewGroups, 2 * groups.count)
    }
}
