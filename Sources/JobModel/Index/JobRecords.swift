/// Many jobs by their ids, in shards: one dictionary of a million ids takes a fifth of a second to grow, a shard
/// milliseconds.
package struct JobRecords: Sendable {
    private static let shardCount = 64

    private var shards = [[JobID: JobRecord]](repeating: [:], count: Self.shardCount)

    /// Holds nothing.
    package init() {}

    /// The record of one id; nil removes it.
    package subscript(id: JobID) -> JobRecord? {
        get { shards[Self.shard(of: id)][id] }
        _modify { yield &shards[Self.shard(of: id)][id] }
    }

    /// All of them, in no order.
    package var values: some Sequence<JobRecord> { shards.lazy.flatMap(\.values) }

    /// How many ids have a value; adds up the shards.
    package var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// The most entries that can move at once, because a shard grows.
    package var largestShard: Int { shards.reduce(0) { max($0, $1.count) } }

    /// Whether less than a quarter of the room is in use.
    var isSparse: Bool {
        let capacity = shards.reduce(0) { $0 + $1.capacity }
        return capacity > 50_000 && count < capacity / 4
    }

    /// Gives back the memory of entries that have left, when it is much.
    package mutating func shrink() {
        guard isSparse else { return }
        for index in shards.indices { shards[index] = Dictionary(uniqueKeysWithValues: shards[index].map { ($0, $1) }) }
    }

    /// Each dictionary has a seed of its own, so that its places do not follow from this.
    private static func shard(of id: JobID) -> Int { id.hashValue & (shardCount - 1) }
}
