/// What is known of records by id: a record, or that the record does not exist, which is not the same as unknown.
struct KnownRecords<ID: Hashable & Sendable, Record: Sendable>: Sendable {
    private var records: [ID: Record?] = [:]

    /// Nil when the record does not exist, or when nothing is known of it.
    subscript(id: ID) -> Record? { records[id] ?? nil }

    /// Whether it is known what there is under an id, be it nothing.
    func knows(_ id: ID) -> Bool { records[id] != nil }

    /// Those that there are, in no order.
    var all: some Sequence<Record> { records.values.lazy.compactMap { $0 } }

    /// Takes note of what there is under an id; nil: nothing.
    mutating func set(_ record: Record?, for id: ID) { records.updateValue(record, forKey: id) }

    /// Nothing is known of an id from now on.
    mutating func forget(_ id: ID) { records.removeValue(forKey: id) }

    /// Whether less than a quarter of the room is in use.
    var isSparse: Bool { records.isSparse }

    /// Gives back the memory of what was forgotten, when it is much.
    mutating func shrink() { records.shrink() }
}
